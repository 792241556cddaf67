"""Prints the lowest versions that setup.py takes of what scoring needs, as pip's constraints.

python scripts/lowest.py > lowest.txt
"""

from importlib.metadata import requires

from packaging.requirements import Requirement

for line in requires("spacy-lstm-sentiment") or ():
    requirement = Requirement(line)
    if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
        lowest = min(bound.version for bound in requirement.specifier if bound.operator == ">=")
        print(f"{requirement.name}=={lowest}")
