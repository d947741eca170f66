"""Coordination's settings; read by app alone."""

from pydantic import Field

from services.chassis.settings import NodeSettings


class CoordinationSettings(NodeSettings):
    """`publish_seconds`: how long changed counts wait for others before they go to the region."""

    publish_seconds: float = Field(default=2.0, ge=0.05, le=3600)
