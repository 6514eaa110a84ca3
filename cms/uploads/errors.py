"""Why a file is not taken."""


class UploadRefused(Exception):
    """The file may not be kept; the sentence is for the person. Nothing was written."""
