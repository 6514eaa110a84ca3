"""Free times, holds and sessions by API. The same acts as the portal's own pages."""
