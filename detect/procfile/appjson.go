package procfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/ledger"
)

// jsonLeaf is a value at the end of app.json's tree: a text, a number, a truth value, null, or an object or array with nothing in it.
type jsonLeaf struct {
	keys    []string // members by name, elements by number
	text    string
	line    int
	number  bool
	setting int
}

// is reports whether the leaf stands under the keys; "*" stands for any one.
func (l jsonLeaf) is(keys ...string) bool {
	if len(l.keys) < len(keys) {
		return false
	}
	for i, k := range keys {
		if k != "*" && k != l.keys[i] {
			return false
		}
	}
	return true
}

var errLarge = fmt.Errorf("more than %d values, or nested deeper than %d", maxLeaves, maxDepth)

// parseJSON lists the leaves in the order of the text. A syntax error comes with its line.
func parseJSON(src string) ([]jsonLeaf, int, error) {
	data := []byte(src)
	line, counted := 1, 0
	lineAt := func(offset int64) int { // offsets come in their order
		at := min(max(int(offset), counted), len(data))
		line += bytes.Count(data[counted:at], []byte("\n"))
		counted = at
		return line
	}
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil { // this also bounds the depth, so that no token below can fail
		var se *json.SyntaxError
		if errors.As(err, &se) {
			return nil, lineAt(se.Offset - 1), err
		}
		return nil, 1, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var out []jsonLeaf
	var large error
	var walk func(keys []string)
	walk = func(keys []string) {
		tok, err := d.Token()
		if err != nil || large != nil {
			return
		}
		if len(keys) > maxDepth || len(out) > maxLeaves {
			large = errLarge
			return
		}
		leaf := jsonLeaf{keys: keys, line: lineAt(d.InputOffset() - 1)}
		switch tok := tok.(type) {
		case json.Delim:
			n := 0
			for ; d.More() && large == nil; n++ {
				key := strconv.Itoa(n)
				if tok == '{' {
					k, err := d.Token()
					if err != nil {
						return
					}
					key = k.(string)
				}
				walk(append(slices.Clip(slices.Clone(keys)), key))
			}
			_, _ = d.Token() // the closing bracket
			if n > 0 {
				return
			}
		case string:
			leaf.text = tok
		case json.Number:
			leaf.text, leaf.number = tok.String(), true
		case bool:
			leaf.text = strconv.FormatBool(tok)
		}
		out = append(out, leaf)
	}
	walk(nil)
	return out, line, large
}

// herokuKeys are those that make an app.json Heroku's. Other tools have a file of that name, too.
var herokuKeys = set("formation env addons scripts buildpacks stack environments image")

// appJSON reads app.json and records its leaves.
func (u *unit) appJSON() []jsonLeaf {
	file := u.beside("app.json")
	src, ok := u.text(file, "an app.json")
	if !ok {
		return nil
	}
	leaves, line, err := parseJSON(src)
	if err == errLarge {
		u.rec.Find(ledger.Error, ledger.Pos{File: file, Line: line}, err.Error(), "is this file Heroku's app.json?")
		return nil
	}
	if err != nil {
		u.rec.Find(ledger.Error, ledger.Pos{File: file, Line: line}, "not JSON", "look at this line and the one before for a missing comma, quote or bracket")
		return nil
	}
	if slices.ContainsFunc(leaves, func(l jsonLeaf) bool { return l.is("expo") }) ||
		!slices.ContainsFunc(leaves, func(l jsonLeaf) bool { return len(l.keys) > 0 && herokuKeys[l.keys[0]] }) {
		return nil
	}
	for i := range leaves {
		l := &leaves[i]
		l.setting = u.rec.Setting(ledger.Pos{File: file, Line: l.line}, strings.Join(l.keys, "."), deploy.Secret(l.text))
		if !l.hidden() {
			u.rec.Show(l.setting)
		}
	}
	return leaves
}

// hidden reports whether the leaf's text is a secret, by itself or by the names above it.
func (l jsonLeaf) hidden() bool {
	if secret.Holds(l.text) || secretIn(l.text) {
		return true
	}
	last := len(l.keys) - 1
	switch {
	case l.is("env", "*", "value") || l.is("env", "*", "default"):
		return secret.Looks(l.keys[1], l.text)
	case last >= 0 && l.keys[last] != "generator":
		return secret.Looks(l.keys[last], l.text)
	}
	return false
}

// appEnv lets app.json give the config vars with which Heroku creates the application. They rank below .env.
func (u *unit) appEnv(leaves []jsonLeaf) {
	type variable struct {
		leaves                     []jsonLeaf
		value, generator, required *jsonLeaf
	}
	vars := map[string]*variable{}
	var names []string
	for i := range leaves {
		l := &leaves[i]
		if !l.is("env", "*") {
			continue
		}
		name := l.keys[1]
		v := vars[name]
		if v == nil {
			v = &variable{}
			vars[name] = v
			names = append(names, name)
		}
		v.leaves = append(v.leaves, *l)
		switch {
		case len(l.keys) == 2 && l.text != "" || l.is("env", "*", "value") && len(l.keys) == 3:
			v.value = l
		case l.is("env", "*", "generator"):
			v.generator = l
		case l.is("env", "*", "required"):
			v.required = l
		}
	}
	for _, name := range names {
		v := vars[name]
		if name == "PORT" || name == "" || strings.ContainsAny(name, "=\x00") {
			why := "Heroku chooses the port itself"
			if name != "PORT" {
				why = "no variable can have this name"
			}
			for _, l := range v.leaves {
				u.rec.Inert(l.setting, why)
			}
			continue
		}
		claim, val, why := v.value, deploy.Value{}, ""
		switch {
		case claim != nil:
			val = value(name, claim.text)
		case v.generator != nil:
			claim, val = v.generator, deploy.Param(name, true)
			why = "Heroku makes up a secret for it when it creates the application"
		case v.required == nil || v.required.text != "false":
			claim, val = &v.leaves[0], deploy.Param(name, secret.Name(name))
			if v.required != nil {
				claim = v.required
			}
			why = "who creates the application must supply it"
		}
		for _, l := range v.leaves {
			switch {
			case claim == nil:
				u.rec.Inert(l.setting, name+" is optional and has no value")
			case l.setting == claim.setting:
				u.each(l.setting, func(p *process) deploy.Path { return p.setEnv(name, val) })
			default:
				u.rec.Inert(l.setting, "it only describes "+name)
			}
		}
		if why != "" && !u.inDotenv(name) {
			u.rec.Find(ledger.Warning, u.rec.At(claim.setting), name+" has no value: "+why, "write it into .env, or supply it where the result is deployed")
		}
	}
}

// inDotenv reports whether .env sets the variable.
func (u *unit) inDotenv(name string) bool { return u.dotenvNames[name] }

// appRest lets app.json give the formation and tells of the rest.
func (u *unit) appRest(leaves []jsonLeaf) {
	for _, l := range leaves {
		at := u.rec.At(l.setting)
		drop := func(sev ledger.Severity, reason, remedy string) {
			u.rec.Drop(l.setting, reason, remedy)
			u.rec.Find(sev, at, strings.Join(l.keys, ".")+" dropped: "+reason, remedy)
		}
		switch {
		case len(l.keys) == 0 || l.is("env", "*"):
			if len(l.keys) == 0 {
				u.rec.Inert(l.setting, "there is nothing in the file")
			}
		case l.is("env"):
			u.rec.Inert(l.setting, "no variables")
		case l.is("formation", "*", "quantity"):
			u.quantity(l, drop)
		case l.is("formation", "*", "size"):
			drop(ledger.Info, "a dyno size is a product of Heroku", "find out its memory and set that as the workload's limit in lift.yaml")
		case l.is("scripts", "postdeploy"):
			drop(ledger.Info, "Heroku runs it once, after it has created the application", "run it by hand after the first deployment, or move it to the release process type if it may run each time")
		case l.is("scripts"), l.is("environments"):
			u.rec.Inert(l.setting, "for review apps and tests alone")
		case l.is("addons"):
			drop(ledger.Warning, "an add-on is a service that Heroku rents out; it gives the application its address in a config var", "run or rent the service and set the variable in .env")
		case l.is("buildpacks") && strings.HasPrefix(l.text, "heroku/"):
			u.rec.Inert(l.setting, "the image is built from the tree's own build files")
		case l.is("buildpacks"):
			drop(ledger.Warning, "the image is built from the tree's own build files, not by a buildpack", "see what the buildpack installs and add that to the Dockerfile")
		case l.is("stack"), l.is("image"):
			drop(ledger.Info, "the image is based on one of the language, not on Heroku's stack", "add the packages of the stack that the program needs to the Dockerfile")
		case slices.ContainsFunc([]string{"name", "description", "keywords", "website", "repository", "logo", "success_url", "$schema"}, func(k string) bool { return l.is(k) }):
			u.rec.Inert(l.setting, "it describes the application to people")
		case l.is("formation") && len(l.keys) < 3:
			u.rec.Inert(l.setting, "it says nothing")
		}
	}
}

// quantity reads formation.TYPE.quantity.
func (u *unit) quantity(l jsonLeaf, drop func(sev ledger.Severity, reason, remedy string)) {
	name := l.keys[1]
	n, err := strconv.ParseInt(l.text, 10, 32)
	if err != nil || n < 0 || n > deploy.MostReplicas || !l.number || len(l.keys) > 3 {
		u.rec.Bad(l.setting, "formation.%s.quantity is no number of dynos; write for example 2", name)
		return
	}
	i := slices.IndexFunc(u.processes, func(p *process) bool { return p.name == name })
	switch {
	case i < 0:
		drop(ledger.Warning, fmt.Sprintf("%s has no process type %q", u.file, name), "correct the name, or remove it")
	case u.processes[i].release:
		u.rec.Inert(l.setting, "the release phase runs once, whatever the formation says")
	default:
		p := u.processes[i]
		p.w.Scale.Replicas = deploy.Some(n)
		u.rec.Convert(l.setting, p.at("scale", "replicas"))
	}
}
