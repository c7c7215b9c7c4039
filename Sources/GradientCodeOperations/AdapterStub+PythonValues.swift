extension AdapterStub {
    /// Reading and writing of values by their schemas.
    static let pythonValues = #"""


        # Readers answer None to what they cannot read.


        def integer(value):
            is_integer = isinstance(value, int) and not isinstance(value, bool)
            return value if is_integer and abs(value) < 1 << 53 else None


        def rational(value):
            """The Fraction written as "n/d" in lowest terms, or as an integer."""
            if isinstance(value, str) and len(value) <= 65536:
                found = re.fullmatch("(-?(?:0|[1-9][0-9]*))(?:/([1-9][0-9]*))?", value)
                if found and found[1] != "-0":
                    numerator, denominator = int(found[1]), int(found[2] or 1)
                    if gcd(numerator, denominator) == 1:
                        return Fraction(numerator, denominator)
            return None


        def hexadecimal(value, digits, code):
            """The values of a hexadecimal string, so many digits each; `code` is their format as struct has it."""
            if not isinstance(value, str) or len(value) % digits or not re.fullmatch("[0-9a-f]*", value):
                return None
            return list(struct.unpack(f">{len(value) // digits}{code}", bytes.fromhex(value)))


        def seed(value):
            found = hexadecimal(value, 16, "Q")
            return found[0] if found and len(found) == 1 else None


        READ = {  # schema: (reader, what it expects)
            "integer": (integer, "an integer below 2^53"),
            "boolean": (lambda value: value if isinstance(value, bool) else None, "true or false"),
            "string": (lambda value: value if isinstance(value, str) else None, "a string"),
            "rational": (rational, '"n/d" in lowest terms'),
            "f32": (lambda value: hexadecimal(value, 8, "f"), "lower-case hexadecimal, eight digits a value"),
            "words": (lambda value: hexadecimal(value, 8, "I"), "lower-case hexadecimal, eight digits a word"),
            "bytes": (lambda value: hexadecimal(value, 2, "B"), "lower-case hexadecimal, two digits a byte"),
            "seed": (seed, "sixteen lower-case hexadecimal digits"),
        }


        def wrong(place, expected):
            return Refusal("invalidParameters", f"at {place}: expected {expected}")


        def read(value, schema, place):
            """The Python value of a JSON value: Fraction for rationals, floats for f32, integers for words, bytes and seeds."""
            if isinstance(schema, tuple):
                value_schema, words = schema
                if words is None:
                    return None if value is None else read(value, value_schema, place)
                return value if isinstance(value, str) and value in words else read(value, value_schema, place)
            if isinstance(schema, list):
                if not isinstance(value, list):
                    raise wrong(place, "a list")
                return [read(element, schema[0], f"{place}[{index}]") for index, element in enumerate(value)]
            if isinstance(schema, set):
                if not isinstance(value, str) or value not in schema:
                    raise wrong(place, "one of " + ", ".join(sorted(schema)))
                return value
            if isinstance(schema, dict):
                if not isinstance(value, dict):
                    raise wrong(place, "an object")
                if str in schema:
                    return {key: read(element, schema[str], f"{place}.{key}") for key, element in value.items()}
                fields = {}
                for name, field in schema.items():
                    key = name.rstrip("?")
                    optional = name.endswith("?") and value.get(key) is None
                    fields[key] = None if optional else read(value.get(key), field, f"{place}.{key}")
                return fields
            reader, expected = READ[schema]
            found = reader(value)
            if found is None:
                raise wrong(place, expected)
            return found


        def write_rational(value):
            value = Fraction(value)
            return f"{value.numerator}/{value.denominator}"


        def write_number(value):
            """A Fraction or an integer exactly; a float as the sixteen digits of a binary64."""
            return struct.pack(">d", value).hex() if isinstance(value, float) else write_rational(value)


        def write_coefficients(values):
            """Exact numbers one by one; floats, when there are any, as binary64 in one string."""
            if any(isinstance(value, float) for value in values):
                return struct.pack(f">{len(values)}d", *values).hex()
            return [write_rational(value) for value in values]


        def write_floats(values):
            """Values as binary32; a finite one that is beyond binary32 is refused."""
            try:
                return struct.pack(f">{len(values)}f", *values).hex()
            except OverflowError:
                raise Refusal("outOfRange", "a value is beyond binary32") from None


        WRITE = {
            "integer": int,
            "boolean": bool,
            "string": str,
            "rational": write_rational,
            "number": write_number,
            "coefficients": write_coefficients,
            "f32": write_floats,
            "words": lambda words: struct.pack(f">{len(words)}I", *words).hex(),
            "bytes": lambda data: bytes(data).hex(),
        }


        def write(value, schema):
            """The JSON value of a Python value; optional fields may be missing or None."""
            if isinstance(schema, tuple):
                return value if value is None or isinstance(value, str) else write(value, schema[0])
            if isinstance(schema, list):
                return [write(element, schema[0]) for element in value]
            if isinstance(schema, set):
                return str(value)
            if isinstance(schema, dict):
                if str in schema:
                    return {key: write(element, schema[str]) for key, element in value.items()}
                fields = {}
                for name, field in schema.items():
                    key = name.rstrip("?")
                    if not (name.endswith("?") and value.get(key) is None):
                        fields[key] = write(value[key], field)
                unknown = set(value) - {name.rstrip("?") for name in schema}
                if unknown:
                    raise KeyError(f"the answer has no field {', '.join(sorted(unknown))}")
                return fields
            return WRITE[schema](value)

        """#
}
