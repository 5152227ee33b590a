"""What holds for every test: a property may take its time on a busy machine; Ctrl-C can be tried."""

import signal

from hypothesis import settings

settings.register_profile("dosegate", deadline=None)
settings.load_profile("dosegate")

# A shell that starts tests in the background has them, and whatever they start, ignore Ctrl-C
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
