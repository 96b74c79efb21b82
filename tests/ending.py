"""How tests end processes that look after each other: engine and keeper start each other anew."""
import os
import select
import signal


def end_at_once(pids):
    """All of them stand still before the first one goes. Waits until they have gone: who is killed in the middle of a sync has its locks until that is over."""
    ends = []
    for pid in pids:
        try:
            ends.append(os.pidfd_open(pid))
        except ProcessLookupError:
            pass
    for how in signal.SIGSTOP, signal.SIGKILL:
        for end in ends:
            try:
                signal.pidfd_send_signal(end, how)
            except ProcessLookupError:
                pass
    for end in ends:
        select.select([end], [], [], 30)
        os.close(end)
