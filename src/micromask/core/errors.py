"""What a person is told when something cannot be done."""


class MicromaskError(Exception):
    """Base of every error that is meant for a person: one clear line, no traceback on the command line."""


class BadInputError(MicromaskError):
    """The input cannot be used. The message says where, what was found, what was wanted and what to do next."""


class BadOutputError(MicromaskError):
    """The result cannot be written: the place exists, is full or is not writable."""


class MissingPartError(MicromaskError):
    """An optional part is not installed. The message names it and how to get it."""
