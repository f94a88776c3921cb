/* Every way a model text can be wrong: the status, the place and what the message says. */
#include "model_support.h"

struct flaw {
	const char *text;
	loy_status status;
	unsigned line, column;
	const char *message;
};

/* Two constructs and two channels that later lines may use; 4 lines. */
#define GROUND                                                                                               \
	"construct a: mean 0.5\n"                                                                            \
	"construct b\n"                                                                                      \
	"channel x: half_life 90d, fast 30d\n"                                                               \
	"channel y: half_life 90d, fast 30d\n"

static const struct flaw flaws[] = {
        /* tokens */
        {"", LOY_ESYNTAX, 1, 1, "a model needs at least one construct"},
        {"\n# nothing\n", LOY_ESYNTAX, 3, 1, "a model needs at least one construct"},
        {GROUND "  $", LOY_ESYNTAX, 5, 3, "expected a statement, found '$'"},
        {GROUND "Foo ~ 0.5*b", LOY_ESYNTAX, 5, 1, "expected a statement, found 'Foo'"},
        {GROUND "\x01", LOY_ESYNTAX, 5, 1, "expected a statement, found '?'"},
        {GROUND "3", LOY_ESYNTAX, 5, 1, "expected a statement, found '3'"},
        {GROUND "frobnicate a", LOY_ESYNTAX, 5, 1, "no statement begins with this word: 'frobnicate'"},
        {GROUND "a ~ 0.5*\xC3\xA4", LOY_ESYNTAX, 5, 9,
         "expected the name of a construct after '*', found '\xC3\xA4'"},
        {GROUND "a ~ 0.5*b b", LOY_ESYNTAX, 5, 11, "expected the end of the line after 'b', found 'b'"},
        {GROUND "a ~ 0.5*b +\n\n", LOY_ESYNTAX, 7, 1,
         "expected a number from 0 to 1 after '+', found the end of the text"},
        {GROUND "a ~ 0.5\n", LOY_ESYNTAX, 5, 8, "expected '*' after '0.5', found the end of the line"},
        {GROUND "a ~ 1e3*b", LOY_ESYNTAX, 5, 6, "expected '*' after '1', found 'e3'"},
        {GROUND "a ~ .5*b", LOY_ESYNTAX, 5, 5, "expected a number from 0 to 1 after '~', found '.'"},
        {GROUND "a ~ 0.1234567890123*b", LOY_ERANGE, 5, 5,
         "a number has at most 12 decimals and 9000000 is the largest: '0.1234567890123'"},
        {GROUND "construct aaaaaaaaaabbbbbbbbbbccccccccccdd", LOY_ELIMIT, 5, 11,
         "a name has at most 31 bytes: 'aaaaaaaaaabbbbbbbbbbccccccccccdd'"},
        {GROUND "aaaaaaaaaabbbbbbbbbbccccccccccdd ~ 0.5*b", LOY_ELIMIT, 5, 1,
         "a name has at most 31 bytes: 'aaaaaaaaaabbbbbbbbbbccccccccccdd'"},
        {GROUND "a ~ 0.5*aaaaaaaaaabbbbbbbbbbccccccccccdd", LOY_ELIMIT, 5, 9,
         "a name has at most 31 bytes: 'aaaaaaaaaabbbbbbbbbbccccccccccdd'"},
        {GROUND "channel aaaaaaaaaabbbbbbbbbbccccccccccdd: half_life 2d", LOY_ELIMIT, 5, 9,
         "a name has at most 31 bytes: 'aaaaaaaaaabbbbbbbbbbccccccccccdd'"},
        {"model m \"a\x7f\"", LOY_ESYNTAX, 1, 9, "this text holds a control character"},
        {GROUND "a ~ 0.5*\x7f", LOY_ESYNTAX, 5, 9, "expected the name of a construct after '*', found '?'"},
        {GROUND "on visit if amount > -x: x 1", LOY_ESYNTAX, 5, 22,
         "expected a whole number after '>', found '-'"},
        {GROUND "response r: 0 0.1, 1 1", LOY_ERANGE, 5, 13,
         "a response starts at 0 0 and each x is above the one before"},
        {"curve c: delay neutral 0.5, gain 1, loss_ratio 1, gain_scale 1d, loss_scale 1d, more", LOY_ESYNTAX,
         1, 81, "expected the end of the line after ',', found 'more'"},
        {"model m \"open\n", LOY_ESYNTAX, 1, 9, "expected '\"' before the end of the line"},
        {"model m \"open", LOY_ESYNTAX, 1, 9, "expected '\"' before the end of the line"},
        {"model m \"a\tb\"", LOY_ESYNTAX, 1, 9, "this text holds a control character"},
        {"construct a: mean 0.5 # \xFF", LOY_EUTF8, 1, 25, "this byte is not valid UTF-8"},
        {"construct a\n\n  \xC3(", LOY_EUTF8, 3, 3, "this byte is not valid UTF-8"},
        {GROUND "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xC3\xA4\xC3\xA4\xC3\xA4\"", LOY_ESYNTAX, 5, 1,
         "expected a statement, found '\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'"},
        /* model and origin */
        {"model", LOY_ESYNTAX, 1, 6,
         "expected a name for the model after 'model', found the end of the text"},
        {"model m\nmodel n", LOY_ENAME, 2, 1, "this is said twice: 'model'"},
        {"origin x", LOY_ESYNTAX, 1, 8, "expected a text in quotes after 'origin', found 'x'"},
        {"origin \"x\" + ", LOY_ESYNTAX, 1, 14,
         "expected a text in quotes after '+', found the end of the text"},
        {"origin \"x\"\norigin \"y\"", LOY_ENAME, 2, 1, "this is said twice: 'origin'"},
        /* kinds and dimensions */
        {"kind scan", LOY_ESYNTAX, 1, 10, "expected '=' after 'scan', found the end of the text"},
        {"kind scan = 999", LOY_ERANGE, 1, 13, "expected a number from 1000 to 65535 after '=', found '999'"},
        {"kind scan = x", LOY_ESYNTAX, 1, 13, "expected a number from 1000 to 65535 after '=', found 'x'"},
        {"kind scan = 1000.5", LOY_ERANGE, 1, 13,
         "expected a number from 1000 to 65535 after '=', found '1000.5'"},
        {"kind scan = 99999999999999999999", LOY_ERANGE, 1, 13,
         "expected a number from 1000 to 65535 after '=', found '99999999999999999999'"},
        {"kind visit = 1000", LOY_ENAME, 1, 6, "there is a kind of this name: 'visit'"},
        {"kind scan = 1000\nkind scan = 1001", LOY_ENAME, 2, 6, "there is a kind of this name: 'scan'"},
        {"kind scan = 1000\nkind tap = 1000", LOY_ENAME, 2, 12, "there is a kind of this number: '1000'"},
        {"dimensions one, 2", LOY_ESYNTAX, 1, 17, "expected the name of a dimension after ',', found '2'"},
        {"dimensions one, one", LOY_ENAME, 1, 17, "this is named twice: 'one'"},
        {"dimensions one\ndimensions two", LOY_ENAME, 2, 1, "the dimensions are given twice"},
        {"dimensions a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", LOY_ELIMIT, 1, 44,
         "a model has at most 16 dimensions: 'q'"},
        /* channels */
        {"channel", LOY_ESYNTAX, 1, 8,
         "expected the name of a channel after 'channel', found the end of the text"},
        {"channel x", LOY_ESYNTAX, 1, 10, "expected ':' after 'x', found the end of the text"},
        {"channel x: slow 3d", LOY_ESYNTAX, 1, 12,
         "expected 'half_life', 'fast' or 'share' after ':', found 'slow'"},
        {"channel x: half_life 3d, share 2, fast 1d", LOY_ERANGE, 1, 32,
         "expected a number from 0 to 1 after 'share', found '2'"},
        {"channel x: half_life 3d", LOY_ESYNTAX, 1, 24,
         "expected ', fast …' after 'd', found the end of the text"},
        {"channel x: half_life 3d, fast 1d, share 0, 5", LOY_ESYNTAX, 1, 44,
         "expected the end of the line after ',', found '5'"},
        {"channel x: half_life 3d, half_life 4d", LOY_ENAME, 1, 26, "this is said twice: 'half_life'"},
        {"channel x: half_life 3", LOY_ESYNTAX, 1, 23,
         "expected a unit of time ('d', 'h', 'min' or 's') after '3', found the end of the text"},
        {"channel x: half_life 3w", LOY_ESYNTAX, 1, 23,
         "expected a unit of time ('d', 'h', 'min' or 's') after '3', found 'w'"},
        {"channel x: half_life 59min", LOY_ERANGE, 1, 22,
         "expected a duration from 1h to 36500d after 'half_life', found '59min'"},
        {"channel x: half_life 36501d", LOY_ERANGE, 1, 22,
         "expected a duration from 1h to 36500d after 'half_life', found '36501d'"},
        {"channel x: half_life 9000001d", LOY_ERANGE, 1, 22,
         "a number has at most 12 decimals and 9000000 is the largest: '9000001'"},
        {"channel x: half_life 3.0000000001s", LOY_ERANGE, 1, 22,
         "this duration is no whole number of microseconds: '3.0000000001s'"},
        {"channel x: half_life x", LOY_ESYNTAX, 1, 22,
         "expected a duration from 1h to 36500d after 'half_life', found 'x'"},
        {"channel x: half_life 3d, fast 3d", LOY_ERANGE, 1, 9,
         "'fast' must be shorter than 'half_life': 'x'"},
        {GROUND "channel x: half_life 3d, fast 1d", LOY_ENAME, 5, 9, "this channel is declared twice: 'x'"},
        {GROUND "channel a: half_life 3d, fast 1d", LOY_ENAME, 5, 9,
         "this is the name of a channel and of a construct: 'a'"},
        {GROUND "worst: half_life 3d\nworst: half_life 3d", LOY_ENAME, 6, 1, "this is said twice: 'worst'"},
        {GROUND "worst a: weight 1", LOY_ENAME, 5, 7,
         "worst episodes are kept only after 'worst: half_life …'"},
        {GROUND "worst: share 1", LOY_ESYNTAX, 5, 8, "expected 'half_life' after ':', found 'share'"},
        /* curves */
        {"curve c: linear", LOY_ESYNTAX, 1, 10, "expected 'delay' or 'steps' after ':', found 'linear'"},
        {"curve c: delay neutral 1", LOY_ERANGE, 1, 24,
         "expected a number above 0 and below 1 after 'neutral', found '1'"},
        {"curve c: delay neutral 0.5, gain 101", LOY_ERANGE, 1, 34,
         "expected a number from 0 to 100 after 'gain', found '101'"},
        {"curve c: delay neutral 0.5, gain 1, loss_ratio 1, gain_scale 0d", LOY_ERANGE, 1, 62,
         "expected a duration above 0, at most 36500d after 'gain_scale', found '0d'"},
        {"curve c: delay neutral 0.5, gain 1, loss_ratio 1, gain_scale 1d", LOY_ESYNTAX, 1, 64,
         "expected ', loss_scale …' after 'd', found the end of the text"},
        {"curve c: steps else 0", LOY_ESYNTAX, 1, 16,
         "expected a duration from -36500d to 36500d after 'steps', found 'else'"},
        {"curve c: steps 1h 1", LOY_ESYNTAX, 1, 20, "expected ',' after '1', found the end of the text"},
        {"curve c: steps 1h 1, 1h 0.5, else 0", LOY_ERANGE, 1, 22,
         "each step must be longer than the one before: '1'"},
        {"curve c: steps 1h 2, else 0", LOY_ERANGE, 1, 19,
         "expected a number from 0 to 1 after 'h', found '2'"},
        {"curve c: steps 1h 1, else", LOY_ESYNTAX, 1, 26,
         "expected a number from 0 to 1 after 'else', found the end of the text"},
        {"curve c: steps 1h 1, 2h 1, 3h 1, 4h 1, 5h 1, 6h 1, 7h 1, 8h 1, 9h 1, else 0", LOY_ELIMIT, 1, 64,
         "a curve has at most 8 steps"},
        {"curve c: steps 1h 1, else 0\ncurve c: steps 1h 1, else 0", LOY_ENAME, 2, 7,
         "this curve is declared twice: 'c'"},
        /* rules */
        {GROUND "on", LOY_ESYNTAX, 5, 3, "expected the name of a kind after 'on', found the end of the text"},
        {GROUND "on scan: x 1", LOY_ENAME, 5, 4, "no kind of this name is declared: 'scan'"},
        {GROUND "on visit x 1", LOY_ESYNTAX, 5, 10, "expected ':' after 'visit', found 'x'"},
        {GROUND "on visit: z 1", LOY_ENAME, 5, 11, "no channel of this name is declared: 'z'"},
        {GROUND "on visit: x 1.5", LOY_ERANGE, 5, 13, "expected a number from 0 to 1 after 'x', found '1.5'"},
        {GROUND "on visit: x", LOY_ESYNTAX, 5, 12,
         "expected a value: a number from 0 to 1, a ratio field, scale, reversed, signed(), delay(), … after "
         "'x', "
         "found the end of the text"},
        {GROUND "on visit: x amount", LOY_ENAME, 5, 13,
         "expected a value: a number from 0 to 1, a ratio field, scale, reversed, signed(), delay(), … after "
         "'x', "
         "found 'amount'"},
        {GROUND "on visit: x signed(amount)", LOY_ENAME, 5, 20,
         "expected a ratio field after '(', found 'amount'"},
        {GROUND "on visit: x signed severity", LOY_ESYNTAX, 5, 20,
         "expected '(' after 'signed', found 'severity'"},
        {GROUND "on visit: x share(amount, depth)", LOY_ENAME, 5, 27,
         "expected a money field after ',', found 'depth'"},
        {GROUND "on visit: x share(amount)", LOY_ESYNTAX, 5, 25, "expected ',' after 'amount', found ')'"},
        {GROUND "on visit: x delay(c)", LOY_ENAME, 5, 19, "no curve of this name is declared: 'c'"},
        {GROUND "on visit: x elapsed(3)", LOY_ESYNTAX, 5, 21,
         "expected the name of a curve after '(', found '3'"},
        {GROUND "on visit: x 1 weight 0", LOY_ERANGE, 5, 22,
         "expected a number above 0, at most 255 after 'weight', found '0'"},
        {GROUND "on visit: x 1 weight 256", LOY_ERANGE, 5, 22,
         "expected a number above 0, at most 255 after 'weight', found '256'"},
        {GROUND "on visit: x 1 weight -1", LOY_ERANGE, 5, 22,
         "expected a number above 0, at most 255 after 'weight', found '-1'"},
        {GROUND "on visit: x 1 weight amount", LOY_ENAME, 5, 22,
         "expected a number or a ratio field after 'weight', found 'amount'"},
        {GROUND "on visit: x 1 weight 2 * *", LOY_ESYNTAX, 5, 26,
         "expected a number or a ratio field after '*', found '*'"},
        {GROUND "on visit: x 1 weight depth * depth * depth", LOY_ELIMIT, 5, 38,
         "a weight has at most 2 fields"},
        {GROUND "on visit if: x 1", LOY_ESYNTAX, 5, 12,
         "expected a field that can be compared after 'if', found ':'"},
        {GROUND "on visit if nothing = 1: x 1", LOY_ENAME, 5, 13,
         "expected a field that can be compared after 'if', found 'nothing'"},
        {GROUND "on visit if actual_time > 1: x 1", LOY_ENAME, 5, 13,
         "expected a field that can be compared after 'if', found 'actual_time'"},
        {GROUND "on visit if kind = 1: x 1", LOY_ENAME, 5, 13,
         "expected a field that can be compared after 'if', found 'kind'"},
        {GROUND "on visit if depth 1: x 1", LOY_ESYNTAX, 5, 19,
         "expected a comparison or 'unset' after 'depth', found '1'"},
        {GROUND "on visit if depth = 0.1234567891: x 1", LOY_ERANGE, 5, 21,
         "a ratio has at most 9 decimals: '0.1234567891'"},
        {GROUND "on visit if depth > 1.5: x 1", LOY_ERANGE, 5, 21, "the field never has this value: '1.5'"},
        {GROUND "on visit if depth > x: x 1", LOY_ESYNTAX, 5, 21, "expected a number after '>', found 'x'"},
        {GROUND "on visit if amount > 0.5: x 1", LOY_ERANGE, 5, 22,
         "expected a whole number after '>', found '0.5'"},
        {GROUND "on visit if granted = 2: x 1", LOY_ERANGE, 5, 23,
         "expected a whole number after '=', found '2'"},
        {GROUND "on visit if elapsed < -1h: x 1", LOY_ERANGE, 5, 23,
         "expected a duration after '<', found '-1h'"},
        {GROUND "on visit if elapsed < 1: x 1", LOY_ESYNTAX, 5, 24,
         "expected a unit of time ('d', 'h', 'min' or 's') after '1', found ':'"},
        {GROUND "on visit if instrument = foo: x 1", LOY_ENAME, 5, 26,
         "expected a known name or a number after '=', found 'foo'"},
        {GROUND "on visit if item = reliability: x 1", LOY_ENAME, 5, 20,
         "expected a known name or a number after '=', found 'reliability'"},
        {GROUND "on visit if instrument = \"foo\": x 1", LOY_ESYNTAX, 5, 26,
         "expected a number or a name after '=', found '\"foo\"'"},
        {GROUND "on visit if instrument = 65536: x 1", LOY_ERANGE, 5, 26,
         "expected a number or a name after '=', found '65536'"},
        {GROUND "on visit if currency = \"EURO\": x 1", LOY_ERANGE, 5, 24,
         "expected three capital letters after '=', found '\"EURO\"'"},
        {GROUND "on visit if currency = \"eur\": x 1", LOY_ERANGE, 5, 24,
         "expected three capital letters after '=', found '\"eur\"'"},
        {GROUND "on visit if depth > 0 and depth > 0 and depth > 0 and depth > 0: x 1", LOY_ELIMIT, 5, 55,
         "a rule has at most 3 conditions"},
        /* constructs */
        {GROUND "construct a", LOY_ENAME, 5, 11, "this construct is declared twice: 'a'"},
        {GROUND "construct x", LOY_ENAME, 3, 9, "this is the name of a channel and of a construct: 'x'"},
        {GROUND "construct c: mean 0", LOY_ERANGE, 5, 19,
         "expected a number above 0 and below 1 after 'mean', found '0'"},
        {GROUND "construct c: mean x", LOY_ESYNTAX, 5, 19,
         "expected a number above 0 and below 1 after 'mean', found 'x'"},
        {GROUND "construct c: strength 0", LOY_ERANGE, 5, 23,
         "expected a number above 0, at most 1000000 after 'strength', found '0'"},
        {GROUND "construct c: spread 0", LOY_ERANGE, 5, 21,
         "expected a number above 0, at most 1000000 after 'spread', found '0'"},
        {GROUND "construct c: limit 1000001", LOY_ERANGE, 5, 20,
         "expected a number above 0, at most 1000000 after 'limit', found '1000001'"},
        {GROUND "construct c: mean 0.5\nc <~ 1*a", LOY_ENAME, 5, 11,
         "a composite has no prior of its own: 'c'"},
        {GROUND "construct c: limit 9, mean 0.5\nc <~ 1*a", LOY_ESYNTAX, 5, 23,
         "expected the end of the line after ',', found 'mean'"},
        {GROUND "construct c: limit 0\nc <~ 1*a", LOY_ERANGE, 5, 20,
         "expected a number above 0, at most 1000000 after 'limit', found '0'"},
        /* formulas */
        {GROUND "c ~ 0.5*a", LOY_ENAME, 5, 1, "no construct of this name is declared: 'c'"},
        {GROUND "a ~ 0.5*c", LOY_ENAME, 5, 9, "no construct of this name is declared: 'c'"},
        {GROUND "a ~ 0.5*x", LOY_ENAME, 5, 9, "no construct of this name is declared: 'x'"},
        {GROUND "a ~ 1.5*b", LOY_ERANGE, 5, 5, "expected a number from 0 to 1 after '~', found '1.5'"},
        {GROUND "a ~ -0.5*b", LOY_ERANGE, 5, 5, "expected a number from 0 to 1 after '~', found '-0.5'"},
        {GROUND "a ~ b", LOY_ESYNTAX, 5, 5, "expected a number from 0 to 1 after '~', found 'b'"},
        {GROUND "a ~ 0.2*b + 0.2*b", LOY_ENAME, 5, 17, "this construct has a path from there already: 'b'"},
        {GROUND "a ~ 0.2*knee(b)", LOY_ENAME, 5, 9, "no response of this name is declared: 'knee'"},
        {GROUND "construct c\na ~ 0.6*b + 0.6*c", LOY_ERANGE, 6, 1,
         "path weights, times 1 + moderation, add up to more than 1: 'a'"},
        {GROUND "construct c\na ~ 0.6*b\na ~ 0.7*b:c", LOY_ERANGE, 6, 1,
         "path weights, times 1 + moderation, add up to more than 1: 'a'"},
        {"construct a: mean 0.9\nconstruct b: mean 0.1\nconstruct c\na ~ 0.5*b + 1*b:c", LOY_ERANGE, 4, 1,
         "moderated paths could lift the prior mean above 1: 'a'"},
        {GROUND "a ~ 0.5*b\nb ~ 0.5*a", LOY_ECYCLE, 5, 1, "paths form a cycle: a ~ b ~ a"},
        {GROUND "a ~ 0.5*a", LOY_ECYCLE, 5, 1, "paths form a cycle: a ~ a"},
        {GROUND "construct c\nc ~ 0.5*a\na ~ 0.1*b\nb <~ 1*c", LOY_ECYCLE, 7, 1,
         "paths form a cycle: a ~ b ~ c ~ a"},
        {GROUND "a =~ 1*x\na ~ 0.5*x:b\nb ~ 0.5*a", LOY_ECYCLE, 5, 1, "paths form a cycle: a ~ b ~ a"},
        {GROUND "a ~ 0.5*x:b", LOY_ENAME, 5, 9,
         "the construct has no such indicator or path to moderate: 'x'"},
        {GROUND "a ~ 0.5*c:b", LOY_ENAME, 5, 9,
         "the construct has no such indicator or path to moderate: 'c'"},
        {GROUND "a =~ 1*x\na ~ 0.5*x:c", LOY_ENAME, 6, 11, "no construct of this name is declared: 'c'"},
        {GROUND "a =~ 1*x\na ~ 0.5*x:b + 0.5*x:b", LOY_ENAME, 6, 19, "this is moderated already: 'x'"},
        {GROUND "a =~ 1*x\na ~ 1.5*x:b", LOY_ERANGE, 6, 5,
         "expected a number from 0 to 1 after '~', found '1.5'"},
        {GROUND "a =~ 1*z", LOY_ENAME, 5, 8, "no channel of this name is declared: 'z'"},
        {GROUND "a =~ -1*x", LOY_ERANGE, 5, 6, "expected a number from 0 to 1000 after '=~', found '-1'"},
        {GROUND "a =~ (1, -1)*x", LOY_ERANGE, 5, 10,
         "expected a number from 0 to 1000 after ',', found '-1'"},
        {GROUND "a =~ (1 1)*x", LOY_ESYNTAX, 5, 9, "expected ',' after '1', found '1'"},
        {GROUND "a =~ (1, 1*x", LOY_ESYNTAX, 5, 11, "expected ')' after '1', found '*'"},
        {GROUND "a =~ 1*x + 1*x", LOY_ENAME, 5, 14, "this construct has this channel already: 'x'"},
        {GROUND "a =~ 1*x\na =~ 1*x", LOY_ENAME, 6, 8, "this construct has this channel already: 'x'"},
        {GROUND "z =~ 1*x", LOY_ENAME, 5, 1, "no construct of this name is declared: 'z'"},
        {GROUND "c <~ 1*a\nc ~ 0.5*b", LOY_ENAME, 6, 1,
         "a composite has no evidence or paths of its own: 'c'"},
        {GROUND "c <~ 1*a\nc =~ 1*x", LOY_ENAME, 6, 1,
         "a composite has no evidence or paths of its own: 'c'"},
        {GROUND "c <~ 1*a\nc <~ 1*b", LOY_ENAME, 6, 1, "this composite is declared twice: 'c'"},
        {GROUND "c <~ 1*z", LOY_ENAME, 5, 8, "no construct of this name is declared: 'z'"},
        {GROUND "c <~ 1*a + 1*a", LOY_ENAME, 5, 14, "this construct has a path from there already: 'a'"},
        {GROUND "c <~ 0*a + 0*b", LOY_ERANGE, 5, 1, "the weights of a composite add up to 0: 'c'"},
        {GROUND "c <~ 1001*a", LOY_ERANGE, 5, 6, "expected a number from 0 to 1000 after '<~', found '1001'"},
        {GROUND "c <~ 0.5*3", LOY_ESYNTAX, 5, 10, "expected the name of a construct after '*', found '3'"},
        /* responses */
        {GROUND "response r: 0.1 0, 1 1", LOY_ERANGE, 5, 13,
         "a response starts at 0 0 and each x is above the one before"},
        {GROUND "response r: 0 0, 0.5 0.5, 0.5 0.6, 1 1", LOY_ERANGE, 5, 27,
         "a response starts at 0 0 and each x is above the one before"},
        {GROUND "response r: 0 0, 0.5 0.5, 0.6 0.4, 1 1", LOY_ERANGE, 5, 27,
         "a response never falls: this y is below the one before"},
        {GROUND "response r: 0 0, 1 0.9", LOY_ERANGE, 5, 18, "a response ends at 1 1"},
        {GROUND "response r: 0 0", LOY_ERANGE, 5, 13, "a response ends at 1 1"},
        {GROUND "response r: 0 0, 1", LOY_ESYNTAX, 5, 19,
         "expected a number from 0 to 1 after '1', found the end of the text"},
        {GROUND "response r: 0 0, 0.1 0, 0.2 0, 0.3 0, 0.4 0, 0.5 0, 0.6 0, 0.7 0, 1 1", LOY_ELIMIT, 5, 67,
         "a response has at most 8 points"},
        {GROUND "response r: 0 0, 1 1\nresponse r: 0 0, 1 1", LOY_ENAME, 6, 10,
         "this response is declared twice: 'r'"},
        {GROUND "response 3", LOY_ESYNTAX, 5, 10,
         "expected the name of a response after 'response', found '3'"},
        /* failures, recovery, silence, worst */
        {GROUND "damping x: 2 by y at 5", LOY_ERANGE, 5, 12,
         "expected a number from 0 to 1 after ':', found '2'"},
        {GROUND "damping x: 0.5 y at 5", LOY_ESYNTAX, 5, 16, "expected 'by' after '0.5', found 'y'"},
        {GROUND "damping x: 0.5 by y 5", LOY_ESYNTAX, 5, 21, "expected 'at' after 'y', found '5'"},
        {GROUND "damping x: 0.5 by y at 0", LOY_ERANGE, 5, 24,
         "expected a number above 0, at most 1000000 after 'at', found '0'"},
        {GROUND "damping x: 0.5 by y at 5\ndamping x: 0.5 by y at 5", LOY_ENAME, 6, 9,
         "this channel is damped already: 'x'"},
        {GROUND "z repairs x", LOY_ENAME, 5, 1, "no channel of this name is declared: 'z'"},
        {GROUND "x repairs z", LOY_ENAME, 5, 11, "no channel of this name is declared: 'z'"},
        {GROUND "x repairs x", LOY_ENAME, 5, 1, "a channel cannot repair itself: 'x'"},
        {GROUND "x repairs y + y", LOY_ENAME, 5, 15, "this is named twice: 'y'"},
        {GROUND "x repairs y\ny repairs x", LOY_ENAME, 6, 1, "a model has one channel that repairs: 'y'"},
        {GROUND "x repairs y\na =~ 1*x + 0.9*y", LOY_ERANGE, 6, 1,
         "a recovery must not weigh more than the failure it repairs (positive <= negative * b / (1 - b)): "
         "'a'"},
        {GROUND "x repairs y\na =~ 1*x", LOY_ERANGE, 6, 1,
         "a recovery must not weigh more than the failure it repairs (positive <= negative * b / (1 - b)): "
         "'a'"},
        {GROUND "x repairs y\na =~ 1*x + 1.9*y\ndamping y: 0.5 by x at 1", LOY_ERANGE, 6, 1,
         "a recovery must not weigh more than the failure it repairs (positive <= negative * b / (1 - b)): "
         "'a'"},
        {GROUND "x repairs y\na =~ 1*x + 1.4*y\na ~ 0.5*x:b", LOY_ERANGE, 6, 1,
         "a recovery must not weigh more than the failure it repairs (positive <= negative * b / (1 - b)): "
         "'a'"},
        {GROUND "silence c: purchase weight 1, gap 1d, strength 1, limit 1", LOY_ENAME, 5, 9,
         "no construct of this name is declared: 'c'"},
        {GROUND "silence a: visit weight 1", LOY_ESYNTAX, 5, 12,
         "expected 'purchase' after ':', found 'visit'"},
        {GROUND "silence a: purchase weight 0", LOY_ERANGE, 5, 28,
         "expected a number above 0, at most 1000000 after 'weight', found '0'"},
        {GROUND "silence a: purchase weight 1, gap 1d, strength 1", LOY_ESYNTAX, 5, 49,
         "expected ', limit …' after '1', found the end of the text"},
        {GROUND "silence a: purchase weight 1, gap 1d, strength 1, limit 1\n"
                "silence a: purchase weight 1, gap 1d, strength 1, limit 1",
         LOY_ENAME, 6, 9, "this is said twice: 'a'"},
        {GROUND "c <~ 1*a\nsilence c: purchase weight 1", LOY_ENAME, 6, 9,
         "a composite has no evidence or paths of its own: 'c'"},
        {GROUND "worst: half_life 9d\nworst a: weight 1\nworst a: weight 1", LOY_ENAME, 7, 7,
         "this is said twice: 'a'"},
        {GROUND "worst: half_life 9d\nworst a: weight 0", LOY_ERANGE, 6, 17,
         "expected a number above 0, at most 1000000 after 'weight', found '0'"},
        {GROUND "worst z: weight 1", LOY_ENAME, 5, 7, "no construct of this name is declared: 'z'"},
        /* lists */
        {GROUND "benefit one 1, one 1", LOY_ENAME, 5, 16, "this is named twice: 'one'"},
        {GROUND "benefit one", LOY_ESYNTAX, 5, 12,
         "expected a number from 0 to 1000 after 'one', found the end of the text"},
        {GROUND "benefit one 1\nbenefit two 1", LOY_ENAME, 6, 1, "this is said twice: 'benefit'"},
        {GROUND "cost one 1\ncost two 1", LOY_ENAME, 6, 1, "this is said twice: 'cost'"},
        {GROUND "cost one 0", LOY_ERANGE, 5, 1, "the weights of the costs add up to 0"},
        {GROUND "benefit one 0, two 0", LOY_ERANGE, 5, 1, "the weights of the benefits add up to 0"},
        {GROUND "cost a 1,b 1,c 1,d 1,e 1,f 1,g 1,h 1,i 1,j 1,k 1,l 1,m 1,n 1,o 1,p 1,q 1", LOY_ELIMIT, 5, 70,
         "there are at most 16 items: 'q'"},
        {GROUND "stages s: one z", LOY_ENAME, 5, 15, "no construct of this name is declared: 'z'"},
        {GROUND "stages s: one a, one b", LOY_ENAME, 5, 18, "this is named twice: 'one'"},
        {GROUND "stages s: one a|a", LOY_ENAME, 5, 17, "this is named twice: 'a'"},
        {GROUND "stages s: one a; cut 1", LOY_ERANGE, 5, 22,
         "expected a number above 0 and below 1 after 'cut', found '1'"},
        {GROUND "stages s: one a\nstages s: two b", LOY_ENAME, 6, 8, "this is named twice: 's'"},
        {GROUND "stages p: k\nstages q: k\nstages r: k\nstages s: k\nstages t: k", LOY_ELIMIT, 9, 8,
         "a model has at most 4 lists of stages: 't'"},
        {GROUND "stages p: k,l,m,n,o,p,q,r,s", LOY_ELIMIT, 5, 27, "there are at most 8 stages: 's'"},
        {GROUND "construct c\nconstruct d\nconstruct e\nstages p: k a|b|c|d|e", LOY_ELIMIT, 8, 21,
         "there is no room for another name: 'e'"},
        {GROUND "loyalty_type: behaviour a", LOY_ESYNTAX, 5, 15,
         "expected 'attitude' after ':', found 'behaviour'"},
        {GROUND "loyalty_type: attitude 1*a", LOY_ESYNTAX, 5, 27,
         "expected ',' after 'a', found the end of the text"},
        {GROUND "loyalty_type: attitude 0*a, behaviour b", LOY_ERANGE, 5, 1,
         "the weights of the attitude add up to 0"},
        {GROUND "loyalty_type: attitude 1*a + 1*a, behaviour b", LOY_ENAME, 5, 32,
         "this is named twice: 'a'"},
        {GROUND "loyalty_type: attitude 1*a, behaviour b\nloyalty_type: attitude 1*a, behaviour b", LOY_ENAME,
         6, 1, "this is said twice: 'loyalty_type'"},
        {GROUND "construct c\nconstruct d\nconstruct e\n"
                "loyalty_type: attitude 1*a + 1*b + 1*c + 1*d + 1*e, behaviour a",
         LOY_ELIMIT, 8, 50, "an attitude has at most 4 constructs: 'e'"},
        {GROUND "headline a, a", LOY_ENAME, 5, 13, "this is named twice: 'a'"},
        {GROUND "headline a\nheadline b", LOY_ENAME, 6, 1, "this is said twice: 'headline'"},
        {GROUND "construct c\nconstruct d\nconstruct e\nheadline a,b,c,d,e", LOY_ELIMIT, 8, 18,
         "there is no room for another name: 'e'"},
};

/* Where a line and column lie, from the text alone. */
static int64_t byte_at(const char *text, unsigned line, unsigned column)
{
	const char *at = text;

	for (; line > 1; line--)
		at = strchr(at, '\n') + 1;
	return at - text + (int64_t)column - 1;
}

static void flaws_are_told_with_their_place(void **state)
{
	size_t i, wrong = 0;

	(void)state;
	for (i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		const struct flaw *flaw = &flaws[i];
		loy_error error = {.struct_size = sizeof(error)};
		loy_model *model = (loy_model *)&error;
		loy_status status = loy_model_create(&model, flaw->text, strlen(flaw->text), NULL, &error);

		if (status != flaw->status || error.code != flaw->status || error.line != flaw->line ||
		    error.column != flaw->column || strcmp(error.message, flaw->message) != 0)
			print_error("%s\n-> %s %u:%u %s\n", flaw->text, loy_status_name(status),
			            (unsigned)error.line, (unsigned)error.column, error.message),
			        wrong++;
		assert_null(model);
		if (wrong != 0)
			continue; /* tell them all */
		assert_int_equal(error.byte, byte_at(flaw->text, flaw->line, flaw->column));
		assert_int_equal(loy_model_create(&model, flaw->text, strlen(flaw->text), NULL, NULL),
		                 flaw->status);
	}
	assert_int_equal(wrong, 0);
}

/* `before`, then `count` lines of a format with the line's number and that plus 1000. */
static char *repeated(const char *before, const char *format, unsigned count)
{
	char *text = malloc(64 * (size_t)count + strlen(before) + 1);
	size_t length = strlen(before);
	unsigned i;

	assert_non_null(text);
	memcpy(text, before, length + 1);
	for (i = 0; i < count; i++)
		length += (size_t)snprintf(text + length, 64, format, i, i + 1000);
	return text;
}

static void expect_limit(const char *before, const char *format, unsigned most, const char *message)
{
	loy_error error = {.struct_size = sizeof(error)};
	char *text = repeated(before, format, most);
	loy_model *model = NULL;

	assert_int_equal(loy_model_create(&model, text, strlen(text), NULL, &error), LOY_OK);
	loy_model_destroy(model);
	free(text);
	text = repeated(before, format, most + 1);
	assert_int_equal(loy_model_create(&model, text, strlen(text), NULL, &error), LOY_ELIMIT);
	assert_null(model);
	assert_non_null(strstr(error.message, message));
	for (; (before = strchr(before, '\n')) != NULL; before++)
		most++;
	assert_int_equal(error.line, most + 1);
	free(text);
}

static void limits_hold_exactly(void **state)
{
	(void)state;
	expect_limit("construct a\n", "channel x%u: half_life 9d, fast 1d\n", 32,
	             "a model has at most 32 channels");
	expect_limit("construct a\n", "curve c%u: steps 1h 1, else 0\n", 16, "a model has at most 16 curves");
	expect_limit("construct a\n", "response r%u: 0 0, 1 1\n", 8, "a model has at most 8 responses");
	expect_limit("", "construct c%u\n", 24, "a model has at most 24 constructs");
	expect_limit("construct a\n", "kind k%u = %u\n", 64, "a model has at most 64 kinds of its own");
	expect_limit("construct a\nchannel x: half_life 9d, fast 1d\n", "on visit if amount > %u: x 1\n", 256,
	             "a model has at most 256 rules");
}

static void text_has_a_greatest_length(void **state)
{
	char *text = malloc(LOY_MODEL_TEXT_MAX + 1);
	loy_error error = {.struct_size = sizeof(error)};
	loy_model *model = NULL;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', LOY_MODEL_TEXT_MAX + 1);
	memcpy(text, "construct a\n", 12);
	assert_int_equal(loy_model_create(&model, text, LOY_MODEL_TEXT_MAX, NULL, NULL), LOY_OK);
	loy_model_destroy(model);
	assert_int_equal(loy_model_create(&model, text, LOY_MODEL_TEXT_MAX + 1, NULL, &error), LOY_ELIMIT);
	assert_null(model);
	free(text);
}

static void arguments_are_checked(void **state)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_allocator half = {0};
	loy_model *model = (loy_model *)&error;

	(void)state;
	assert_int_equal(loy_model_create(NULL, "construct a", 11, NULL, &error), LOY_EINVAL);
	assert_int_equal(error.code, LOY_EINVAL);
	assert_int_equal(loy_model_create(&model, NULL, 1, NULL, NULL), LOY_EINVAL);
	assert_null(model);
	half.allocate = faulty_alloc;
	model = (loy_model *)&error;
	assert_int_equal(loy_model_create(&model, "construct a", 11, &half, NULL), LOY_EINVAL);
	assert_null(model);
	assert_int_equal(loy_model_create(&model, NULL, 0, NULL, NULL), LOY_ESYNTAX);
	loy_model_destroy(NULL);
}

static void memory_may_run_out_anywhere(void **state)
{
	/* `a` comes after `b`, so constructs are put in order: that allocates too */
	static const char text[] = "construct a\nconstruct b\na ~ 0.5*b\n";
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_error error = {.struct_size = sizeof(error)};
		loy_model *model = NULL;

		status = loy_model_create(&model, text, sizeof(text) - 1, &memory, &error);
		assert_int_equal(error.code, status);
		assert_true((model != NULL) == (status == LOY_OK));
		loy_model_destroy(model);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 5); /* reading, the model, the order, two fingerprints */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(flaws_are_told_with_their_place), cmocka_unit_test(limits_hold_exactly),
	        cmocka_unit_test(text_has_a_greatest_length),      cmocka_unit_test(arguments_are_checked),
	        cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
