"""The program: ``python -m episodic``, and what the script `episodic` calls."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # the public one makes enumerations of it, which takes longer than all else here

# While the rest loads nothing has begun: an interrupt ends the program without a word, as it ends any other.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from episodic.cli import program  # noqa: E402

if __name__ == "__main__":
    program()
