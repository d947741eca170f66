"""One model per event; importing this package fills the registry."""

from contracts.events import coordination, directory, identity, notifications, referrals

__all__ = ["coordination", "directory", "identity", "notifications", "referrals"]
