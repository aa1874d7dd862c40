"""The evidence pack of an alert: all its revisions and what they rest on, to be handed on, printed and checked.

`make` puts it together as JSON, `check` recomputes its digests, `as_csv` and `as_page` show it to spreadsheets and people.
"""

from alerts.pack.checking import Report, check
from alerts.pack.making import SCHEMA, Pack, PackError, as_json, make, read
from alerts.pack.page import as_page
from alerts.pack.spreadsheet import as_csv

__all__ = ["SCHEMA", "Pack", "PackError", "Report", "as_csv", "as_json", "as_page", "check", "make", "read"]
