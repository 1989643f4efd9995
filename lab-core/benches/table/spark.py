"""Spark's ALS on this machine's cores, on the files of the bench's large completion: seconds and held-out error.

The figures, with those that the bench has left beside the files, go into the table that the overview computes from.
"""

from __future__ import annotations

import datetime
import os
import platform
import resource
import sys
import time
from pathlib import Path

from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession

RANK = 16
ITERATIONS = 10  # of ALS, each of which solves for all factors: more than an epoch of SGD does


def main(folder: Path, table: Path) -> None:
    start = time.perf_counter()
    session = (
        SparkSession.builder.master("local[*]")
        .appName("bench")
        .config("spark.driver.memory", "8g")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    started = time.perf_counter()
    schema = "row INT, column INT, value FLOAT"
    train, test = (session.read.csv(str(folder / name), schema=schema).cache() for name in ("train.csv", "test.csv"))
    trained = train.count()
    cells = trained + test.count()
    read = time.perf_counter()
    als = ALS(
        rank=RANK, maxIter=ITERATIONS, regParam=0.001, seed=0, userCol="row", itemCol="column", ratingCol="value",
        coldStartStrategy="drop",
    )
    model = als.fit(train)
    fitted = time.perf_counter()
    rmse = RegressionEvaluator(labelCol="value", predictionCol="prediction").evaluate(model.transform(test))
    print(f"Spark {session.version}, ALS, rank {RANK}, {ITERATIONS} iterations, {os.cpu_count()} cores, {cells} cells")
    print(
        f"starting {started - start:.1f} s, reading {read - started:.1f} s, fit {fitted - read:.1f} s,"
        f" held-out RMSE {rmse:.4f}"
    )
    times = f"{started - start:.2f},{read - started:.2f},{fitted - read:.2f}"
    session.stop()
    # The Java process that Spark has run in.
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1000
    record(folder, f"Spark,{os.cpu_count()},{trained},{times},{rmse:.4f},{memory}", table)


def record(folder: Path, ours: str, table: Path) -> None:
    """Writes the bench's lines and this one, each with the day and the processor."""
    head, *lines = (folder / "measured.csv").read_text().splitlines()
    where = f"{datetime.datetime.now(datetime.UTC).date()},{processor()} ({os.cpu_count()} cores)"
    rows = [f"{head},date,machine", *(f"{line},{where}" for line in [*lines, ours])]
    table.write_text("".join(f"{row}\n" for row in rows))


def processor() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine()).replace(",", " ")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
