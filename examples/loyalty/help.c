/* What `loyalty help` tells. The texts are the manual of the shell. */
#include "commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* clang-format off: lines here are lines of the manual */

static const char overview[] =
        "loyalty: customer scores from event files, with their reasons\n"
        "\n"
        "  loyalty score EVENTS.csv             everyone's satisfaction, trust, value and loyalty\n"
        "  loyalty explain EVENTS.csv --customer KEY\n"
        "                                       one customer's scores and what they are made of\n"
        "  loyalty change EVENTS.csv --customer KEY --from DATE --to DATE\n"
        "                                       why the scores moved\n"
        "  loyalty what-if EVENTS.csv --customer KEY --event EVENT\n"
        "                                       what the scores would be if that were recorded too\n"
        "  loyalty profile EVENTS.csv --customer KEY\n"
        "                                       all that is kept of a customer\n"
        "  loyalty model list|check|print|effects\n"
        "                                       the models: built in, or your own text\n"
        "  loyalty fit-paths MODEL ANSWERS.csv  a path model of survey answers: report, drawings, indices\n"
        "  loyalty nps|csat|servqual|items ANSWERS.csv ...\n"
        "                                       net promoter scores, satisfaction, gaps, item analysis, with limits\n"
        "  loyalty calibrate EVENTS.csv         a model whose weights are learned from answers and outcomes\n"
        "  loyalty judge EVENTS.csv             how well a model foretells answers and outcomes, or two of them\n"
        "  loyalty lifetime fit|predict|clv|track FILE\n"
        "                                       who is still a customer, what they will buy, what that is "
        "worth\n"
        "  loyalty import|export|sync|verify|erase|compact|stats STORE\n"
        "                                       stores: directories that keep events (`loyalty help store`)\n"
        "  loyalty version\n"
        "\n"
        "Each takes --help. `loyalty help TOPIC` explains: columns (files with other column names), fields\n"
        "(what an event can hold), where (conditions), store, exit (exit codes).\n"
        "\n"
        "A DATE is 2026-01-31, 2026-01-31T12:00:00Z, with an offset +01:00 or none (UTC), or now.\n"
        "Results go to standard output, everything else to standard error. EVENTS.csv may be several files,"
        "\n"
        "- for standard input, or a store. Files are CSV with a header line: commas, quotes as in RFC 4180, "
        "UTF-8.\n";

#define READING_OPTIONS                                                                                      \
	"  --model NAME|FILE    built-in model or a model text (retail)\n"                                   \
	"  --columns MAPPING    which column is which: a text with =, or a file (see `loyalty help "         \
	"columns`)\n"                                                                                        \
	"  --separator CHAR     what stands between cells (,); `tab` for tabs\n"                             \
	"  --format FORMAT      table, csv or json (table); csv and json hold numbers to the last bit\n"     \
	"  --strict             stop at the first row that cannot be used or contradicts another\n"          \
	"  --progress           tell how far reading has come even when standard error is no terminal\n"     \
	"  --quiet              tell nothing but errors on standard error\n"

static const char score[] =
        "loyalty score EVENTS.csv... [options]\n"
        "\n"
        "Reads events and prints the scores of all customers, 0 to 100; `-` where nothing is known.\n"
        "\n"
        "  --at DATE            score as of that date; later events are left out (the newest event's time)\n"
        "  --top N, --bottom N  the N highest or lowest only, ranked by --by\n"
        "  --by CONSTRUCT       what to rank by (the last score of the model: usually loyalty)\n"
        "  --where CONDITION    only customers who meet it; may be given again, all must be met\n"
        "  --intervals          90 % intervals as well\n"
        "  --construct NAME     other scores than the model's headline; may be given again\n"
        "  --threads N          threads to score with (one for each processor); the result is the "
        "same\n" READING_OPTIONS "\n"
        "examples\n"
        "  loyalty score events.csv --at 2026-01-01\n"
        "  loyalty score events.csv --at 2026-01-01 --top 10 --by trust --intervals\n"
        "  loyalty score events.csv --where 'loyalty<40' --where 'net_spend[EUR]>20000' --format csv > "
        "risk.csv\n"
        "  gzip -dc events.csv.gz | loyalty score - --format json\n"
        "  loyalty score orders.csv --columns \"customer=id, time=day, kind='purchase', amount=total*100\"\n";

static const char explain[] =
        "loyalty explain EVENTS.csv... --customer KEY [options]\n"
        "\n"
        "Prints one customer's scorecard. Each score is the model's expectation of somebody unknown plus "
        "one\n"
        "line for each kind of evidence; the lines add up to the score, to the last bit in csv and json and "
        "to\n"
        "the printed digit in tables. `good` and `bad` are the evidence itself, faded with time.\n"
        "\n"
        "  --customer KEY       whose\n"
        "  --at DATE            as of that date; later events are left out (the customer's newest event)\n"
        "  --construct NAME     this score only; may be given again\n" READING_OPTIONS "\n"
        "examples\n"
        "  loyalty explain events.csv --customer C000042 --at 2026-01-01\n"
        "  loyalty explain events.csv --customer C000042 --construct trust --format json\n";

static const char change[] =
        "loyalty change EVENTS.csv... --customer KEY --from DATE --to DATE [options]\n"
        "\n"
        "Prints why a customer's scores moved: what time did (evidence fades, purchases are missed), what "
        "was\n"
        "recorded between the dates, and what another model made of it. The lines add up to the difference.\n"
        "\n"
        "  --customer KEY       whose\n"
        "  --from DATE, --to DATE   the two moments; each sees the events up to it\n"
        "  --to-model NAME|FILE the model at the second moment (the same)\n"
        "  --construct NAME     this score only; may be given again\n" READING_OPTIONS "\n"
        "examples\n"
        "  loyalty change events.csv --customer C000042 --from 2025-07-01 --to 2026-01-01\n"
        "  loyalty change events.csv --customer C000042 --from 2025-07-01 --to 2025-07-01 --to-model "
        "mine.loy\n";

static const char what_if[] =
        "loyalty what-if EVENTS.csv... --customer KEY --event EVENT [options]\n"
        "\n"
        "Prints what a customer's scores would be if one more event, or several, had been recorded, and what "
        "of\n"
        "the difference each kind of evidence makes; the lines add up to it. Nothing is recorded.\n"
        "\n"
        "  --customer KEY       whose\n"
        "  --event EVENT        field=value, ...: `kind` and whatever it needs (`loyalty help fields`); may "
        "be\n"
        "                       given again. `time` is that of the scores if it is not said; texts with "
        "blanks\n"
        "                       or commas stand in quotes\n"
        "  --at DATE            as of that date; later events are left out (the customer's newest event)\n"
        "  --construct NAME     this score only; may be given again\n" READING_OPTIONS "\n"
        "examples\n"
        "  loyalty what-if events.csv --customer C000042 --event 'kind=complaint, severity=0.8'\n"
        "  loyalty what-if events.csv --customer C000042 --event 'kind=purchase, amount=450, currency=EUR' "
        "\\\n"
        "                  --event 'kind=survey_answer, instrument=nps, value=9' --format json\n";

static const char profile[] =
        "loyalty profile EVENTS.csv... --customer KEY [options]\n"
        "\n"
        "Prints every field of a customer's profile: counts, money in minor units, first and last times,\n"
        "answers, durations, evidence by channel. The hash is that of the profile's canonical bytes: the "
        "same\n"
        "events give the same hash in any order, on any machine.\n"
        "\n"
        "  --customer KEY       whose\n"
        "  --at DATE            events up to that date, evidence faded to it (the customer's newest "
        "event)\n" READING_OPTIONS "\n"
        "examples\n"
        "  loyalty profile events.csv --customer C000042\n"
        "  loyalty profile events.csv --customer C000042 --format csv | grep ^answer_latest\n";

static const char model[] =
        "loyalty model list                       the built-in models\n"
        "loyalty model check NAME|FILE            whether a model text can be used; notes what it "
        "normalised\n"
        "loyalty model print NAME|FILE            its canonical text: equal models print equal texts\n"
        "loyalty model print NAME --source        a built-in model as it was written, with comments\n"
        "loyalty model effects NAME|FILE [FROM [TO]]   effects of constructs on others: direct, through "
        "others,\n"
        "                                         and both together\n"
        "\n"
        "  --format FORMAT      table, csv or json, for list and effects\n"
        "\n"
        "A model says which events are evidence of what, how fast evidence fades, and how scores follow "
        "from\n"
        "it. To make your own, start from a built-in one:\n"
        "\n"
        "  loyalty model print retail --source > mine.loy\n"
        "  loyalty model check mine.loy\n"
        "  loyalty score events.csv --model mine.loy\n"
        "  loyalty model effects mine.loy satisfaction loyalty\n";

static const char columns[] =
        "Without --columns a file's columns have the names of `loyalty help fields`: customer, time and kind "
        "are\n"
        "needed, `event` is what tells an event from others (without that column, as `identity = auto` "
        "below).\n"
        "With --columns nothing is read that the mapping does not name. It is a list of entries, divided by\n"
        "commas, semicolons or line ends; # starts a comment.\n"
        "\n"
        "  field = column                    the cell of a column; \"two words\" in double quotes\n"
        "  field = 'text'   field = 5        a constant\n"
        "  field = column * 100              a number times a factor: money must come out in whole cents\n"
        "  field = column * 1d               a number of days; units are us ms s min h d w\n"
        "  field = a * 100 + b * 100 - c     sums; empty cells count as nothing, all empty is not set\n"
        "  field = a & '/' & b               texts joined; nothing when one of the columns is empty\n"
        "  field = column['part']            of a cell such as status=open;part=7 the 7\n"
        "  field = column {x: y, z: -, *: w} the value y for x, none for z, w for all others; '' is an "
        "empty\n"
        "                                    cell; without * other values are refused\n"
        "  field = ... else 0                what an empty cell means\n"
        "  field = ... for purchase|return   only for these kinds of event\n"
        "\n"
        "Several entries may name one field: the first that applies to the kind and gives a value counts.\n"
        "Besides the fields there are\n"
        "\n"
        "  identity    what tells the event from others: a receipt number, say. `identity = auto` takes the\n"
        "              row's content and how often it was seen in this file: reading a file twice changes\n"
        "              nothing, but a row that stands there twice counts twice. `identity = content` takes\n"
        "              the content alone: repeated rows are duplicates. Without any, every row counts.\n"
        "  reference   the identity of the sale a return takes back, of the complaint a resolution closes\n"
        "  zone        the offset from UTC of times that carry none: zone = -3h\n"
        "  skip        rows for which this gives a value are left out: skip = status {void: yes, *: -}\n"
        "\n"
        "A kind of `-` leaves rows out as well. Times are 2026-01-31, 20260131, 2026-01-31T12:00:00Z, with "
        "an\n"
        "offset +01:00 or none; times in seconds since 1970 are `time = stamp * 1s`. Categories, channels,\n"
        "offers and the like may be any text: a code is made of it.\n"
        "\n"
        "example: a web shop\n"
        "  customer = \"Customer ID\"\n"
        "  time = created, zone = 1h\n"
        "  kind = type {order: purchase, refund: return, stars: review, email: -}\n"
        "  amount = total * 100 for purchase|return\n"
        "  currency = 'EUR' for purchase|return\n"
        "  value = stars for review          # a review's scale is 1 to 5 if nothing else is said\n"
        "  identity = type & '/' & number\n"
        "  reference = 'order/' & number for return\n"
        "\n"
        "examples/mappings has mappings of two public data sets.\n";

static const char where[] =
        "--where compares a score or a field of the profile with a number: < <= = != >= >\n"
        "\n"
        "  loyalty<40               scores are points, 0 to 100; unknown scores meet no condition\n"
        "  events>=5                a field without a key (`loyalty profile` lists all)\n"
        "  net_spend[EUR]>10000     money by currency, in minor units; [none] for events without one\n"
        "  count[complaint]>0       by kind of event\n"
        "  last_time[purchase]<2025-10-01\n"
        "  answer_latest[nps/0]<0.7 by instrument and item, as a share of its scale\n"
        "  negative_slow[complaint]>0.5    evidence by channel of the model\n"
        "\n"
        "A customer who has no such entry meets no condition on it. Quote conditions for the command line.\n";

static const char exits[] =
        "exit codes\n"
        "  0  done; rows that were refused are counted on standard error\n"
        "  1  the answer is no: no such customer or event, a model that does not pass its check\n"
        "  2  the command line cannot be understood\n"
        "  3  a file cannot be read or used; with --strict a row\n"
        "  4  out of memory, or output cannot be written\n"
        "\n"
        "Messages about files begin with file:line:column: both counted from 1, columns in bytes,\n"
        "the place where the cell begins.\n";

static const char on_answers[] =
        "\nAn amount is what was paid, discounts off; that of a return what was taken back, never below 0.\n"
        "A delay above 0 is late.\n"
        "\nAnswers to surveys need scale_min and scale_max, but NPS is 0 to 10 and a review 1 to 5. The item "
        "of an\n"
        "expectation or perception is the number or name of a SERVQUAL dimension.\n";

/* clang-format on */

/* How the cells of a field are written, for `help fields`. */
static const char *cell_form(const loy_field *field)
{
	switch (field->id) {
	case LOY_FIELD_CURRENCY:
		return "three letters: EUR";
	case LOY_FIELD_GRANTED:
		return "yes or no";
	case LOY_FIELD_ITEM:
		return "number, or name of a dimension";
	case LOY_FIELD_KIND:
		return "name, see below";
	case LOY_FIELD_INSTRUMENT:
	case LOY_FIELD_EMOTION:
	case LOY_FIELD_ENGAGEMENT:
	case LOY_FIELD_STATE:
	case LOY_FIELD_PURPOSE:
		return "name, see below, or number";
	default:
		break;
	}
	switch (field->type) {
	case LOY_TYPE_MONEY:
		return "whole minor units (cents)";
	case LOY_TYPE_RATIO:
		return "decimal, or 50%";
	case LOY_TYPE_TIME:
		return "2026-01-31T12:00:00Z";
	case LOY_TYPE_SPAN:
		return "duration: 2.5d, 4h, 20min, 5s";
	case LOY_TYPE_CODE:
		return "number, or text";
	case LOY_TYPE_COUNT:
		return "whole number";
	default:
		return "any text";
	}
}

/* The names of a field's codes; field 0: of the kinds. */
static void list_names(uint32_t field)
{
	uint32_t code;
	int column = 0;

	for (code = 1; code < LOY_KIND_OWN_FIRST; code++) {
		const char *name = field == 0 ? loy_kind_name(code) : loy_code_name(field, code);

		if (name == NULL)
			continue;
		if (column + (int)strlen(name) > 100) {
			printf("\n ");
			column = 0;
		}
		column += printf(" %s", name);
	}
	(void)putchar('\n');
}

static void list_fields(void)
{
	static const struct {
		uint32_t field;
		const char *what;
	} coded[] = {
	        {LOY_FIELD_INSTRUMENT, "instruments"},        {LOY_FIELD_EMOTION, "emotions"},
	        {LOY_FIELD_ENGAGEMENT, "engagement"},         {LOY_FIELD_STATE, "states of a membership"},
	        {LOY_FIELD_PURPOSE, "purposes of a consent"},
	};
	loy_field field;
	uint32_t i;

	printf("fields of an event, and how cells give them\n");
	for (i = 0; loy_field_info(i, &field) == LOY_OK; i++) {
		if (field.type == LOY_TYPE_WORD && field.id != LOY_FIELD_CUSTOMER)
			continue;
		if (field.type == LOY_TYPE_RATIO && field.least > -LOY_RATIO_ONE * 1000)
			printf("  %-14s %s, %" PRId64 " to %" PRId64 "\n", field.name, cell_form(&field),
			       field.least / LOY_RATIO_ONE, field.greatest / LOY_RATIO_ONE);
		else
			printf("  %-14s %s\n", field.name, cell_form(&field));
	}
	printf("  %-14s any text: identity of the event (`event` as a column, `identity` in mappings)\n",
	       "event");
	printf("  %-14s any text: identity of the event it refers to\n", "reference");
	printf("\nkinds of event (a model can add its own)\n ");
	list_names(0);
	for (i = 0; i < sizeof(coded) / sizeof(coded[0]); i++) {
		printf("%s\n ", coded[i].what);
		list_names(coded[i].field);
	}
	(void)fputs(on_answers, stdout);
}

int command_help(const char *topic)
{
	static const struct {
		const char *name, *text;
	} topics[] = {
	        {"score", score},
	        {"explain", explain},
	        {"change", change},
	        {"what-if", what_if},
	        {"profile", profile},
	        {"model", model},
	        {"fit-paths", help_fit_paths},
	        {"nps", help_nps},
	        {"csat", help_csat},
	        {"servqual", help_servqual},
	        {"items", help_items},
	        {"calibrate", help_calibrate},
	        {"judge", help_judge},
	        {"lifetime", help_lifetime},
	        {"columns", columns},
	        {"where", where},
	        {"exit", exits},
	};
	char known[512] = "";
	size_t i;

	if (topic == NULL || help_on_stores(topic) != NULL) {
		(void)fputs(topic == NULL ? overview : help_on_stores(topic), stdout);
		return EXIT_DONE;
	}
	if (strcmp(topic, "fields") == 0) {
		list_fields();
		return EXIT_DONE;
	}
	for (i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
		if (strcmp(topic, topics[i].name) == 0) {
			(void)fputs(topics[i].text, stdout);
			return EXIT_DONE;
		}
	}
	for (i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		(void)snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s ", topics[i].name);
	say("no help on '%s'; topics are %sfields store import export sync verify erase compact stats", topic,
	    known);
	return EXIT_USAGE;
}
