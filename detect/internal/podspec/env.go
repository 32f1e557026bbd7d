package podspec

import (
	"fmt"
	"slices"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const (
	apiEnvFrom = "Kubernetes API: EnvFromSource v1 core"
	apiEnv     = "Kubernetes API: EnvVar v1 core"
	apiEnvKey  = "Kubernetes API: EnvVarSource v1 core"
)

// envFrom is one element of envFrom while it is read.
type envFrom struct {
	*Workload
	prefix string
}

var envFromTable = Table[*envFrom]{Section: "EnvFromSource", Rows: []Row[*envFrom]{
	{Key: "prefix", Doc: "front of each variable's name", Spec: apiEnvFrom, Example: "SHOP_", Read: func(e *envFrom, n yamldoc.Node) {
		if p, ok := e.Text(n); ok {
			e.prefix = p
			e.Show(n, "it stands in front of each variable's name")
		}
	}},
	{Key: "configMapRef", Doc: "ConfigMap whose entries become variables", Spec: apiEnvFrom, Example: "{name: web}", Read: func(e *envFrom, n yamldoc.Node) { e.from(n, "ConfigMap", e.Configs) }},
	{Key: "secretRef", Doc: "Secret whose keys become variables", Spec: apiEnvFrom, Example: "{name: web}", Read: func(e *envFrom, n yamldoc.Node) { e.from(n, "Secret", e.Secrets) }},
}}

func (w *Workload) readEnvFrom(n yamldoc.Node) {
	w.Each(n, func(item yamldoc.Node) { envFromTable.Apply(w.Reader, &envFrom{Workload: w}, item) })
}

var refTable = Table[*ref]{Section: "LocalObjectReference", Rows: []Row[*ref]{
	{Key: "name", Doc: "name of the object", Spec: apiEnvFrom, Example: "web", Read: func(r *ref, n yamldoc.Node) {
		if s, ok := r.Name(n); ok {
			r.name, r.nameAt = s, n
		}
	}},
	{Key: "key", Doc: "key in the object", Spec: apiEnvKey, Example: "TOKEN", Read: func(r *ref, n yamldoc.Node) {
		if s, ok := r.Name(n); ok {
			r.key, r.keyAt = s, n
		}
	}},
	{Key: "optional", Doc: "it may be missing", Spec: apiEnvKey, Example: "false", Read: func(r *ref, n yamldoc.Node) {
		if v, ok := r.Bool(n); ok {
			r.optional = v
			if v {
				r.Rec.Drop(n.Setting(), "the model has no variable that is there at times", "see to it that the key exists")
			} else {
				r.Rec.Inert(n.Setting(), "it is the default")
			}
		}
	}},
}}

// ref is a reference to a ConfigMap or Secret, or to a key in it.
type ref struct {
	*Reader
	name, key     string
	nameAt, keyAt yamldoc.Node
	optional      bool
}

// from makes variables of all entries of an object.
func (e *envFrom) from(n yamldoc.Node, kind string, objects map[string]*Config) {
	r := &ref{Reader: e.Reader}
	refTable.Apply(e.Reader, r, n)
	if r.keyAt.Exists() {
		e.Bad(r.keyAt, "has no place here", "use valueFrom for a single key")
	}
	if !r.nameAt.Exists() {
		if n.IsMap() && !n.Get("name").Exists() {
			e.Rec.Find(ledger.Error, n.KeyPos(), n.Path+" names no "+kind, "write name")
		}
		return
	}
	c := objects[r.name]
	if c == nil {
		reason, remedy := fmt.Sprintf("%s %s is not among the files: its variables are not known", kind, r.name), "add its manifest, or name each variable with valueFrom"
		e.Rec.Drop(r.nameAt.Setting(), reason, remedy)
		if !r.optional {
			e.Rec.Find(ledger.Warning, r.nameAt.Pos(), r.nameAt.Path+" dropped: "+reason, remedy)
		}
		return
	}
	e.Rec.Inert(r.nameAt.Setting(), "the entries of the "+kind+" speak for themselves")
	if kind == "ConfigMap" && c.Data.Exists() && (!e.placed || r.name == e.M.Name) {
		e.place(c.Data)
	}
	for _, entry := range c.Entries {
		name := e.prefix + entry.Key
		text, isKnown := entry.Value.Str(), kind == "ConfigMap"
		v := deploy.Param(r.name+"/"+entry.Key, true)
		if isKnown {
			v = value(name, text)
		}
		at := e.setEnv(name, v, entry.Value)
		e.Rec.Convert(entry.Value.Setting(), at)
	}
}

// place records where the variables stand. The first place counts for messages, so that a later, better one goes before it.
func (w *Workload) place(n yamldoc.Node) {
	at := w.At.Join("env")
	if w.placed {
		w.Rec.Doc.Places = slices.DeleteFunc(w.Rec.Doc.Places, func(p ledger.Place) bool { return p.Path == at })
	}
	w.placed = true
	w.Rec.Place(at, n.KeyPos())
}

// setEnv sets a variable and returns the path of its value, taken from whoever gave it before.
func (w *Workload) setEnv(name string, v deploy.Value, by yamldoc.Node) deploy.Path {
	element := w.At.Join("env", name)
	at := element.Join("value")
	w.known[name] = v
	for i := range w.M.Env {
		if w.M.Env[i].Name == name {
			w.Rec.Release(at, by.Pos())
			w.Rec.Release(element, by.Pos())
			w.M.Env[i].Value = v
			return at
		}
	}
	w.M.Env = append(w.M.Env, deploy.Env{Name: name, Value: v})
	return at
}

// env is one element of env while it is read.
type env struct {
	*Workload
	name     string
	nameAt   yamldoc.Node
	value    yamldoc.Node
	from     yamldoc.Node
	ref      *ref
	isSecret bool
}

var envTable = Table[*env]{Section: "EnvVar", Rows: []Row[*env]{
	{Key: "name", Doc: "name of the variable", Spec: apiEnv, Example: "LOG_LEVEL", Read: func(e *env, n yamldoc.Node) {
		if s, ok := e.Name(n); ok {
			e.name, e.nameAt = s, n
		}
	}},
	{Key: "value", Doc: "its value; $(X) is expanded", Spec: apiEnv, Example: "debug", Read: func(e *env, n yamldoc.Node) { e.value = n }},
	{Key: "valueFrom", Doc: "where its value comes from", Spec: apiEnv, Example: "{secretKeyRef: {name: web, key: TOKEN}}", Read: func(e *env, n yamldoc.Node) {
		e.from = n
		valueFromTable.Apply(e.Reader, e, n)
	}},
}}

var valueFromTable = Table[*env]{Section: "EnvVarSource", Rows: []Row[*env]{
	{Key: "secretKeyRef", Doc: "a key of a Secret: the secret parameter NAME/KEY", Spec: apiEnvKey, Example: "{name: web, key: TOKEN}", Read: func(e *env, n yamldoc.Node) {
		e.ref, e.isSecret = &ref{Reader: e.Reader}, true
		refTable.Apply(e.Reader, e.ref, n)
	}},
	{Key: "configMapKeyRef", Doc: "a key of a ConfigMap: its value, or the parameter NAME/KEY", Spec: apiEnvKey, Example: "{name: web, key: MODE}", Read: func(e *env, n yamldoc.Node) {
		e.ref = &ref{Reader: e.Reader}
		refTable.Apply(e.Reader, e.ref, n)
	}},
	{Key: "fieldRef", Doc: "a fact of the pod", Spec: apiEnvKey, Outcome: ledger.Dropped, Reason: "only Kubernetes knows the pod's own facts", Remedy: "give the variable a value that holds elsewhere"},
	{Key: "resourceFieldRef", Doc: "a limit of the container", Spec: apiEnvKey, Outcome: ledger.Dropped, Reason: "only Kubernetes knows the pod's own facts", Remedy: "write the number"},
	{Key: "fileKeyRef", Doc: "a key of a file in a volume", Spec: apiEnvKey, Outcome: ledger.Dropped, Reason: "a file written in the pod is not known beforehand", Remedy: "let the program read the file"},
}}

func (w *Workload) readEnv(n yamldoc.Node) {
	if !w.placed && n.IsSeq() {
		w.place(n)
	}
	w.Each(n, func(item yamldoc.Node) {
		e := &env{Workload: w}
		envTable.Apply(w.Reader, e, item)
		e.finish(item)
	})
}

func (e *env) finish(item yamldoc.Node) {
	switch {
	case !item.IsMap():
		return
	case !e.nameAt.Exists():
		if !item.Get("name").Exists() {
			e.Rec.Find(ledger.Error, item.Pos(), item.Path+" has no name", "write one")
		}
		e.leftover(item, "the variable has no name")
		return
	case e.value.Exists() && e.from.Exists():
		e.Bad(item, "has both value and valueFrom", "remove one of them")
		return
	case e.from.Exists():
		e.fromKey(item)
		return
	case !e.value.Exists():
		at := e.setEnv(e.name, deploy.Plain(""), e.nameAt)
		e.inline[e.name] = true
		e.Rec.Convert(e.nameAt.Setting(), e.At.Join("env", e.name), at)
		return
	}
	text, ok := e.Text(e.value)
	if !ok {
		e.leftover(item, "its value cannot be read")
		return
	}
	v, why := e.expandValue(text)
	if why != "" {
		remedy := "let the program put the value together"
		e.Rec.Find(ledger.Warning, e.value.Pos(), e.value.Path+" dropped: "+why, remedy)
		e.Rec.Drop(e.nameAt.Setting(), why, remedy)
		e.Rec.Drop(e.value.Setting(), why, remedy)
		return
	}
	at := e.setEnv(e.name, v, e.nameAt)
	e.inline[e.name] = true
	e.Rec.Convert(e.nameAt.Setting(), e.At.Join("env", e.name))
	e.Rec.Convert(e.value.Setting(), at)
	if v.IsSecret() {
		e.Rec.Find(ledger.Warning, e.nameAt.Pos(), fmt.Sprintf("%s: %s holds what looks like a secret: everybody who may read the manifests can read it", item.Path, e.name), "move it to a Secret and refer to it with secretKeyRef")
	} else {
		e.Rec.Show(e.value.Setting())
	}
}

// expandValue puts the values of variables that stand before this one in the place of $(X).
func (e *env) expandValue(text string) (deploy.Value, string) {
	word, unresolved := expand(text, func(name string) bool { _, ok := e.known[name]; return ok })
	for _, name := range unresolved {
		e.Rec.Find(ledger.Warning, e.value.Pos(), fmt.Sprintf("%s: $(%.60s) refers to no variable before this one and stays as it is", e.value.Path, name), "write $$( if that is meant, or move the variable up")
	}
	out, hidden := "", false
	for _, p := range word {
		if p.Var == "" {
			out += p.Text
			continue
		}
		v := e.known[p.Var]
		t, isKnown := v.Reveal()
		if !isKnown {
			return deploy.Value{}, "it is put together from $(" + p.Var + "), whose value is not known here"
		}
		out, hidden = out+t, hidden || v.IsSecret()
	}
	if hidden {
		return deploy.Secret(out), ""
	}
	return value(e.name, out), ""
}

// fromKey sets a variable whose value stands elsewhere.
func (e *env) fromKey(item yamldoc.Node) {
	r := e.ref
	if r == nil {
		reason, remedy := "only Kubernetes knows its value", "give it a value that holds elsewhere"
		e.Rec.Drop(e.nameAt.Setting(), reason, remedy)
		e.leftover(item, reason)
		e.Rec.Find(ledger.Warning, e.nameAt.Pos(), fmt.Sprintf("%s: %s dropped: %s", item.Path, e.name, reason), remedy)
		return
	}
	if !r.nameAt.Exists() || !r.keyAt.Exists() {
		e.Rec.Find(ledger.Error, e.from.KeyPos(), e.from.Path+" needs name and key", "write both")
		e.leftover(item, "the reference is not whole")
		return
	}
	v, by := deploy.Param(r.name+"/"+r.key, e.isSecret), []yamldoc.Node{r.nameAt, r.keyAt}
	if !e.isSecret {
		if entry, ok := e.Configs[r.name].find(r.key); ok {
			v, by = value(e.name, entry.Value.Str()), append(by, entry.Value)
			if secret.Looks(e.name, entry.Value.Str()) {
				e.hide(entry.Value)
			}
		}
	}
	at := e.setEnv(e.name, v, e.nameAt)
	e.Rec.Convert(e.nameAt.Setting(), e.At.Join("env", e.name))
	for _, n := range by {
		e.Rec.Part(n.Setting(), at)
	}
	e.leftover(item, "another reference takes its place")
}

// hide takes back what was shown under another name.
func (r *Reader) hide(n yamldoc.Node) {
	s := &r.Rec.Doc.Settings[n.Setting()]
	s.Value = deploy.Secret(n.Str())
}
