"""Who carries out a plan: processes of this machine, or actors of a Ray cluster, on one base."""
