# SPDX-License-Identifier: Apache-2.0
"""Prints some of the tumours that the trees are trained and tested on, as CSV: sample.py > sample.csv

The data come with scikit-learn. Training reads them there; sample.csv is what messy input is made from, committed so
that making it needs no Python. A test holds it against this program.
"""
from sklearn.datasets import load_breast_cancer

ROWS = 150


def main():
    data = load_breast_cancer()
    print(",".join([*data.feature_names, "benign"]))
    for tumour, benign in zip(data.data[:ROWS], data.target):
        print(",".join([*(repr(float(value)) for value in tumour), str(int(benign))]))


if __name__ == "__main__":
    main()
