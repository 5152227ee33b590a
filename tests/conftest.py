"""What holds for every test: a property may take its time, for the machine may be busy; Ctrl-C can be tried."""

import signal

from hypothesis import settings

settings.register_profile("dosegate")
settings.load_profile("dosegate")

# A shell that starts the tests in the background has them ignore Ctrl-C, and so would every program they start
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
