package exchange

import (
	"fmt"
	"net/http"
	"strings"
)

// anAnswer is what every exchange expects that does not say otherwise.
const anAnswer = "an answer"

// misses tells what of the expected is not so in an answer.
func (e Expect) misses(find lookup, a answer) (out []miss) {
	bad := func(at Place, what, here string) { out = append(out, miss{at: at, what: what, here: here}) }
	switch {
	case a.nowhere != "":
		return nil
	case e.NoAnswer && a.missing == closedEarly:
		return nil
	case e.NoAnswer && a.missing == "":
		bad(Place{Kind: AtAnswer}, "no answer", "status "+itoa(a.status))
		return out
	case a.missing != "":
		bad(Place{Kind: AtAnswer}, anAnswer, a.missing)
		return out
	}
	if e.Status != "" && !statusFits(e.Status, a.status) {
		bad(Place{Kind: AtStatus}, e.Status, itoa(a.status))
	}
	if e.Status == "" && unwell(a.status) {
		// Two sides that are both out of order answer alike: that is no equivalence.
		bad(Place{Kind: AtStatus}, "an answer of the program; say expect "+itoa(a.status)+" if this one is meant", itoa(a.status))
	}
	for _, h := range e.Headers {
		at := Place{Kind: AtHeader, Name: h.Name}
		values, there := a.header[h.Name]
		here := strings.Join(values, ", ")
		switch h.Op {
		case Absent:
			if there {
				bad(at, "no header "+h.Name, here)
			}
		case Fits:
			re, err := find.pattern(h.Value)
			if err != nil {
				bad(at, err.Error(), "")
			} else if !there || !re.MatchString(here) {
				bad(at, "header "+h.Name+" ~ "+h.Value, orAbsent(here, there))
			}
		default:
			want, err := find.expand(h.Value, nil)
			if err != nil {
				bad(at, err.Error(), "")
			} else if !there || here != want {
				bad(at, "header "+h.Name+": "+h.Value, orAbsent(here, there))
			}
		}
	}
	for _, w := range e.Body {
		if what, here := w.miss(find, a.body); what != "" {
			bad(Place{Kind: AtBody}, what, here)
		}
	}
	return out
}

func orAbsent(text string, there bool) string {
	if !there {
		return "absent"
	}
	return text
}

// statusFits reports whether a status is the expected one, or of its class.
func statusFits(want string, got int) bool {
	if class, ok := strings.CutSuffix(want, "xx"); ok {
		return itoa(got/100) == class
	}
	return itoa(got) == want
}

// unwell reports whether a status tells that a proxy has not reached the program, or that the program is out of order.
func unwell(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}

// miss tells what a body lacks, in the words of the file; "" if it lacks nothing.
func (w Want) miss(find lookup, body []byte) (what, here string) {
	switch w.Op {
	case IsJSON, ContainsJSON:
		text, err := find.json(w.Text)
		if err != nil {
			return err.Error(), ""
		}
		want, err := decodeJSON([]byte(text))
		if err != nil {
			return "JSON, with the variables replaced: " + err.Error(), ""
		}
		got, err := decodeJSON(body)
		switch {
		case err != nil:
			return string(w.Op) + " " + w.Text, string(body)
		case w.Op == IsJSON && !sameJSON(got, want), w.Op == ContainsJSON && !containsJSON(got, want):
			return string(w.Op) + " " + w.Text, compact(got)
		}
		return "", ""
	case Fits:
		re, err := find.pattern(w.Text)
		if err != nil {
			return err.Error(), ""
		}
		if !re.Match(body) {
			return "body ~ " + w.Text, string(body)
		}
		return "", ""
	}
	want, err := find.expand(w.Text, nil)
	switch {
	case err != nil:
		return err.Error(), ""
	case w.Op == Contains && !strings.Contains(string(body), want):
		return "body contains " + w.Text, string(body)
	case w.Op == Is && string(body) != want:
		return fmt.Sprintf("body %q", w.Text), fmt.Sprintf("%q", body)
	}
	return "", ""
}

// endings tells what of the expected is not so at the end of a run.
func (e Expect) endings(find lookup, end Ended) (out []miss) {
	want := 0
	if e.Exit != nil {
		want = *e.Exit
	}
	switch {
	case end.Killed:
		out = append(out, miss{at: Place{Kind: AtExit}, what: "exit " + itoa(want), here: "killed"})
	case end.Code != want && (end.Code >= 0 || e.Exit != nil):
		out = append(out, miss{at: Place{Kind: AtExit}, what: "exit " + itoa(want), here: exitText(end)})
	}
	for _, w := range e.Output {
		if what, here := w.miss(find, end.Log); what != "" {
			out = append(out, miss{at: Place{Kind: AtBody}, what: strings.Replace(what, "body", "output", 1), here: here})
		}
	}
	return out
}

// exitText tells how a program has ended.
func exitText(e Ended) string {
	switch {
	case e.Killed:
		return "killed"
	case e.Code < 0:
		return "exit status not told"
	}
	return "exit " + itoa(e.Code)
}

// excerpt shortens a text to what a report can show on a line.
func excerpt(text string) string {
	const most = 160
	text = strings.ToValidUTF8(text, "�")
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
