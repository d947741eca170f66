"""Referrals: beneficiaries, cases, consent grants, an agency's own copy of each referral, the custody log."""
