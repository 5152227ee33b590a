"""What holds for every test: a property may take its time, for the machine may be busy."""

from hypothesis import settings

settings.register_profile("dosegate")
settings.load_profile("dosegate")
