class EmbeddedError(Exception):
    """One sentence for whoever typed the command: what is wrong, and how to mend it."""
