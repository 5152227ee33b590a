#!/bin/sh
# Run once by the PostgreSQL image, in an empty database: the role of the program, which owns no table and so can
# neither change nor switch off what keeps the record append-only. `dosegate migrate` grants it what it needs.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set password="$PROGRAM_PASSWORD" --set base="$POSTGRES_DB" <<'SQL'
CREATE ROLE dosegate LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON DATABASE :"base" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"base" TO dosegate;
SQL
