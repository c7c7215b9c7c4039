"""Exact linear algebra for gradient_codes.py: matrices are lists of rows of Fractions."""

from fractions import Fraction


def echelon(rows, columns):
    """The reduced row echelon form over the first so many columns, and its pivot columns."""
    rows, pivots = [list(row) for row in rows], []
    for column in range(columns):
        top = len(pivots)
        pivot = next((r for r in range(top, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[top], rows[pivot] = rows[pivot], rows[top]
        scale = rows[top][column]
        rows[top] = [x / scale if x else x for x in rows[top]]
        for r, row in enumerate(rows):
            if r != top and row[column]:
                factor = row[column]
                rows[r] = [x - factor * y if y else x for x, y in zip(row, rows[top])]
        pivots.append(column)
    return rows, pivots


def solve(rows, right):
    """The canonical solution of A x = b: free variables zero. None where there is no solution."""
    columns = len(rows[0]) if rows else 0
    reduced, pivots = echelon([row + [b] for row, b in zip(rows, right)], columns)
    if any(row[columns] for row in reduced[len(pivots):]):
        return None
    x = [Fraction(0)] * columns
    for row, column in zip(reduced, pivots):
        x[column] = row[columns]
    return x


def kernel(rows):
    """A basis of the vectors x with A x = 0, one for each free variable."""
    columns = len(rows[0])
    reduced, pivots = echelon(rows, columns)
    basis = []
    for free in sorted(set(range(columns)) - set(pivots)):
        x = [Fraction(int(column == free)) for column in range(columns)]
        for row, column in zip(reduced, pivots):
            x[column] = -row[free]
        basis.append(x)
    return basis


def transposed(rows):
    return [list(column) for column in zip(*rows)]


def product(rows, vector):
    return [sum((a * x for a, x in zip(row, vector) if a and x), Fraction(0)) for row in rows]


def cancelled(row, basis):
    """The row minus multiples of the basis rows; each comes with a column where it is 1 and later ones are 0."""
    for pivot, other in basis:
        factor = row[pivot]
        if factor:
            row = [x - factor * y for x, y in zip(row, other)]
    return row
