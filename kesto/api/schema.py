"""The shape of what is asked and answered."""

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    """A shape that is checked by its types, and described by them.

    The framework's own looks at each value first, lest it be a row or a list of rows of Django's:
    no such thing ever leaves the store, and the looking cost more than all checks.
    """

    model_config = ConfigDict(from_attributes=True)
