"""Coordination's settings; read by app alone."""

from typing import Self

from pydantic import Field, model_validator

from services.chassis.settings import NodeSettings
from services.coordination.domain.disclosure import REGIONAL_THRESHOLD


class CoordinationSettings(NodeSettings):
    """`publish_seconds`: how long changed counts wait for others before they go to the region.

    `publish_step`: how many referrals must have changed before anything goes; below the region's threshold two
    publications give one person away by their difference, so only a demonstration may.
    """

    publish_seconds: float = Field(default=2.0, ge=0.05, le=3600)
    publish_step: int = Field(default=REGIONAL_THRESHOLD, ge=1)

    @model_validator(mode="after")
    def _no_single_steps_in_production(self) -> Self:
        if self.mode == "production" and self.publish_step < REGIONAL_THRESHOLD:
            raise ValueError(f"SAFAR_PUBLISH_STEP must be at least {REGIONAL_THRESHOLD} in production")
        return self
