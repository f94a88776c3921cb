#!/usr/bin/env python3
"""Call every public function with NULL for pointers and 0 for numbers, alone and next to real objects.

None may crash; with nothing real, one that returns a status refuses, one that counts or names says 0 or NULL; a
constructor that fails leaves NULL; and one that takes an error detail tells there why it failed.
"""
import argparse
import pathlib
import re
import subprocess
import tempfile

import tree

# Real objects, by type; the program makes them.
OBJECTS = {"loy_model": "model", "loy_schema": "schema", "loy_profile": "profile", "loy_event": "event",
           "loy_scorecard": "card", "loy_change": "change", "loy_store": "store"}
DECLARATION = re.compile(r"\bAPI\s+([^;()]*?)\b(loy_\w+)\(([^;]*)\);")
PREPARE = """#include <loyalty.h>
#include <stdio.h>
#include <string.h>

static loy_error detail;

static loy_error *fresh(void)
{
	memset(&detail, 0, sizeof(detail));
	detail.struct_size = sizeof(detail);
	return &detail;
}

int main(void)
{
	loy_model *model = NULL;
	loy_profile *profile = NULL;
	loy_event *event = NULL;
	loy_scorecard *card = NULL;
	loy_change *change = NULL;
	loy_store *store = NULL;
	const loy_schema *schema;
	void *out;
	long status;

	if (loy_model_create_builtin(&model, "retail", NULL) || loy_event_create(&event, NULL) ||
	    loy_profile_create(&profile, loy_model_schema(model), NULL) || loy_scorecard_create(&card, model, NULL) ||
	    loy_change_create(&change, NULL) || loy_store_create(&store, model, NULL, NULL))
		return 1;
	schema = loy_model_schema(model);
	setvbuf(stdout, NULL, _IONBF, 0);
"""
FINISH = """	loy_store_destroy(store);
	loy_change_destroy(change);
	loy_scorecard_destroy(card);
	loy_event_destroy(event);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
	(void)schema, (void)status, (void)out;
	return 0;
}
"""


def functions(compiler, flags):
    """(what it returns, name, types of its parameters) of each public function."""
    text = subprocess.run([compiler, *flags, "-E", "-P", "-x", "c", "-"], input="#include <loyalty.h>\n", text=True,
                          capture_output=True, check=True).stdout
    # What LOY_API is for gcc and clang.
    text = re.sub(r'__attribute__\s*\(\(visibility\("default"\)\)\)', "API", text)
    for returned, name, parameters in DECLARATION.findall(text):
        types = []
        for parameter in re.split(r",(?![^()]*\))", parameters):
            parameter = " ".join(parameter.split())
            if parameter != "void":
                types.append(re.sub(r"\w+(\[\w*\])?$", lambda m: "*" if m.group(1) else "", parameter).strip())
        yield " ".join(returned.split()), name, types


def argument(kind, real):
    if kind == "loy_error *" and real != "silent":
        return "fresh()"
    pointee = kind.replace("const ", "").replace("*", "").strip()
    if "*" in kind or "(" in kind or kind == "loy_progress":
        return OBJECTS[pointee] if real is True and kind.count("*") == 1 and pointee in OBJECTS else "NULL"
    return "0"


def program(compiler, flags):
    lines, count = [PREPARE], 0
    for returned, name, types in functions(compiler, flags):
        makes = bool(types) and types[0].count("*") == 2 and "const" not in types[0] and returned == "loy_status"
        for real in ("silent", False, True):
            if real is True and (name.endswith("_destroy") or name == "loy_store_open"):
                continue
            values = [argument(kind, real) for kind in types]
            if makes:
                values[0] = "(void *)&out"
            call = f"{name}({', '.join(values)})"
            lines.append(f'\tputs("{name} {"real" if real is True else "nothing"}");\n\tout = &status;\n')
            if returned == "loy_status":
                lines.append(f"\tstatus = {call};\n")
                if makes:
                    lines.append('\tif (status != LOY_OK && out != NULL)\n\t\tputs("  flaw: it failed and left no NULL");\n'
                                 f'\tif (status == LOY_OK)\n\t\t{destroyer(types[0])}(out);\n')
                elif real is not True:
                    lines.append('\tif (status == LOY_OK)\n\t\tputs("  flaw: it says that all is well");\n')
                if "fresh()" in values:
                    lines.append('\tif (status != LOY_OK && (detail.code != status || detail.message[0] == 0))\n'
                                 '\t\tputs("  flaw: it failed and did not tell why");\n')
            elif real is not True and returned != "void" and types and "*" in types[0]:
                lines.append(f'\tif ({call} != 0)\n\t\tputs("  flaw: it counts or names what is not there");\n')
            else:
                lines.append(f"\t(void){call};\n" if returned != "void" else f"\t{call};\n")
            count += 1
    return "".join([*lines, FINISH]), count


def destroyer(kind):
    return kind.replace("*", "").strip() + "_destroy"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cc", default="cc", help="C compiler")
    parser.add_argument("--library", required=True, help="static library")
    arguments = parser.parse_args()
    flags = [f"-I{tree.ROOT / 'include'}"]
    text, count = program(arguments.cc, flags)
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "nulls.c"
        source.write_text(text)
        run = source.with_suffix("")
        subprocess.run([arguments.cc, "-std=c11", "-w", "-DLOY_STATIC", *flags, str(source), "-o", str(run), arguments.library, "-lm",
                        "-lpthread"], check=True)
        done = subprocess.run([str(run)], capture_output=True, text=True)
    flaws, name = [], ""
    for line in done.stdout.splitlines():
        if line.startswith(" "):
            flaws.append(f"{name}: {line.strip()}")
        else:
            name = line
    if done.returncode:
        flaws.append(f"{name}: the program ended with {done.returncode}")
    if count < 400:
        flaws.append(f"only {count} calls were found: the headers are not read right")
    tree.finish(flaws, f"{count} calls with nothing in them")


if __name__ == "__main__":
    main()
