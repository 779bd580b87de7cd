"""outside.py: calling other programs, for the scripts here."""
import subprocess
import sys


def run(*args, text=None):
    """What the command prints; RuntimeError with the end of its complaints when it fails."""
    r = subprocess.run(args, input=text, capture_output=True, text=True)
    if r.returncode:
        raise RuntimeError(f"{' '.join(args)[:300]}: {r.returncode}: {r.stderr[-400:]}")
    return r.stdout


def have(*modules):
    """Whether this Python can import them all; asked of a process of its own."""
    return subprocess.run([sys.executable, "-c", "import " + ", ".join(modules)], capture_output=True).returncode == 0
