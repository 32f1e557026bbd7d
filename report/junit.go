package report

import (
	"encoding/xml"
	"io"

	"github.com/deploylift/lift/verify/run"
)

// JUnit writes the report as the XML that CI systems read (the de-facto schema of the Ant JUnit task): a suite for each tier, a case for each comparison, an undeclared difference as a failure.
func (t Trial) JUnit(w io.Writer) error {
	type message struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type testcase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Failure *message `xml:"failure,omitempty"`
		Skipped *message `xml:"skipped,omitempty"`
		Output  string   `xml:"system-out,omitempty"`
	}
	type suite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	type suites struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		Suites  []suite  `xml:"testsuite"`
	}
	out := suites{Name: t.System}
	for _, tier := range t.Tiers {
		s := suite{Name: t.Original + " → " + tier}
		for _, f := range t.Findings {
			if f.Tier != tier {
				continue
			}
			c := testcase{Class: tier + "." + f.Workload, Name: f.Aspect}
			text := f.Reason
			if f.Original != "" || f.Here != "" {
				text += "\nbefore: " + f.Original + "\nhere: " + f.Here
			}
			switch f.Status {
			case run.Undeclared:
				s.Failures++
				c.Failure = &message{f.Reason, text}
			case run.NotTested:
				s.Skipped++
				c.Skipped = &message{Message: f.Reason}
			default:
				c.Output = text
			}
			s.Cases = append(s.Cases, c)
		}
		s.Tests = len(s.Cases)
		out.Suites = append(out.Suites, s)
	}
	for _, k := range t.Skipped {
		out.Suites = append(out.Suites, suite{
			Name: t.Original + " → " + k.Tier, Tests: 1, Skipped: 1,
			Cases: []testcase{{Class: k.Tier, Name: "all", Skipped: &message{Message: k.Why}}},
		})
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
