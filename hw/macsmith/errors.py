"""The error of a user: bad input, said in one sentence."""


class UserError(ValueError):
    """Bad input, missing file or missing tool.

    The message is one sentence that names what is wrong, the rule, the value found and, where there
    is one, the nearest right thing. The command line prints it and ends with status 2.
    """
