"""The demo study: 48 synthetic subjects, their histories as data, walked through the services."""
