# SPDX-License-Identifier: Apache-2.0
"""Prints some of the images that the network is trained and tested on, as CSV: sample.py > sample.csv

The data come with scikit-learn. Training reads them there; sample.csv is what messy input is made from, committed so
that making it needs no Python. A test holds it against this program.
"""
from sklearn.datasets import load_digits

ROWS = 150


def main():
    data = load_digits()
    print(",".join([*data.feature_names, "digit"]))
    for image, digit in zip(data.data[:ROWS], data.target):
        print(",".join(str(int(value)) for value in [*image, digit]))


if __name__ == "__main__":
    main()
