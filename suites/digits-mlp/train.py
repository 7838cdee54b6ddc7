# SPDX-License-Identifier: Apache-2.0
"""A small neural network that reads handwritten digits.

Writes out/model.pt, out/history.csv (the loss curve) and out/metrics.json. What makes torch repeat itself: the seed,
one thread, deterministic operators, and the batches drawn from a generator of their own.
"""
import csv
import json
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

HERE = Path(__file__).parent
OUT = HERE / "out"


def load(params):
    images, digits = load_digits(return_X_y=True)
    parts = train_test_split(
        images / 16, digits, test_size=params["test_share"], random_state=params["seed"], stratify=digits
    )
    train_x, test_x = (torch.tensor(part, dtype=torch.float32) for part in parts[:2])
    train_y, test_y = (torch.tensor(part, dtype=torch.int64) for part in parts[2:])
    return train_x, train_y, test_x, test_y


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        answers = model(x)
        loss = nn.functional.cross_entropy(answers, y).item()
        accuracy = (answers.argmax(dim=1) == y).double().mean().item()
    model.train()
    return loss, accuracy


def main():
    params = json.loads((HERE / "params.json").read_text())
    torch.manual_seed(params["seed"])
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    train_x, train_y, test_x, test_y = load(params)
    model = nn.Sequential(nn.Linear(64, params["hidden"]), nn.ReLU(), nn.Linear(params["hidden"], 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=params["learning_rate"], momentum=params["momentum"])
    batches = torch.Generator().manual_seed(params["seed"])

    history = []
    for epoch in range(1, params["epochs"] + 1):
        for batch in torch.randperm(len(train_x), generator=batches).split(params["batch"]):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(train_x[batch]), train_y[batch])
            loss.backward()
            optimizer.step()
        history.append((epoch, *evaluate(model, train_x, train_y), *evaluate(model, test_x, test_y)))

    OUT.mkdir(exist_ok=True)
    torch.save(model.state_dict(), OUT / "model.pt")
    with open(OUT / "history.csv", "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy"])
        rows.writerows(history)
    _, train_loss, train_accuracy, test_loss, test_accuracy = history[-1]
    metrics = {"accuracy": test_accuracy, "loss": test_loss, "train": {"accuracy": train_accuracy, "loss": train_loss}}
    (OUT / "metrics.json").write_text(json.dumps(metrics, indent=2, sort_keys=True) + "\n")
    print(f"{len(history)} epochs, {test_accuracy:.1%} of {len(test_x)} digits read")


if __name__ == "__main__":
    main()
