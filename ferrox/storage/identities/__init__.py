"""Who there is: accounts, users, groups, roles, policies and keys, as documents in settings.db."""
