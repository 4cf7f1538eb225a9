"""The protocol: LTI 1.3 and Advantage; the only home of pylti1p3, without routes."""
