"""A real PostgreSQL and a real Redis, as the tests of the services have them."""

from tests.integration.conftest import postgresql_server, postgresql_url, redis_url

__all__ = ["postgresql_server", "postgresql_url", "redis_url"]
