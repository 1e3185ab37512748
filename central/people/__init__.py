"""Who may look at the centre's pages and change things there: accounts, logins, and a log of their deeds."""
