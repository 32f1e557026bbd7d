package podspec

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const apiConfig = "Kubernetes API: ConfigMap v1 core"

// Config is a ConfigMap or a Secret.
type Config struct {
	Object  *Object
	Data    yamldoc.Node
	Entries []yamldoc.Entry // those that can be read
}

// ConfigTable is the mapping of a ConfigMap.
var ConfigTable = Table[configReader]{Section: "ConfigMap", Rows: []Row[configReader]{
	{Key: "apiVersion", Doc: "version of the form", Spec: apiConfig, Outcome: ledger.Inert, Reason: Version},
	{Key: "kind", Doc: "kind of object", Spec: apiConfig, Outcome: ledger.Inert, Reason: "it says what the object is"},
	{Key: "metadata", Doc: "name and labels", Spec: apiConfig, Example: "{name: web}", Read: func(c configReader, n yamldoc.Node) { c.Metadata(n, Meta{}) }},
	{Key: "data", Doc: "values by key: variables of the workloads that refer to them", Spec: apiConfig, Example: "{LOG_LEVEL: debug}", Read: configReader.data},
	{Key: "binaryData", Doc: "bytes by key", Spec: apiConfig, Outcome: ledger.Dropped, Reason: "bytes can only be mounted as files, which a later version reads", Remedy: "put the file into the image", Hidden: true},
	{Key: "immutable", Doc: "forbids changes", Spec: apiConfig, Outcome: ledger.Inert, Reason: "it forbids changes in the cluster"},
}}

// SecretTable is the mapping of a Secret: its values are never looked at.
var SecretTable = Table[configReader]{Section: "Secret", Rows: []Row[configReader]{
	{Key: "apiVersion", Doc: "version of the form", Spec: apiSecret, Outcome: ledger.Inert, Reason: Version},
	{Key: "kind", Doc: "kind of object", Spec: apiSecret, Outcome: ledger.Inert, Reason: "it says what the object is"},
	{Key: "metadata", Doc: "name and labels", Spec: apiSecret, Example: "{name: web}", Read: func(c configReader, n yamldoc.Node) { c.Metadata(n, Meta{}) }},
	{Key: "type", Doc: "what it holds", Spec: apiSecret, Outcome: ledger.Inert, Reason: "it tells which keys to expect"},
	{Key: "data", Doc: "values by key, base64: parameters NAME/KEY", Spec: apiSecret, Example: "{TOKEN: eA==}", Read: configReader.secret, Hidden: true},
	{Key: "stringData", Doc: "values by key: parameters NAME/KEY", Spec: apiSecret, Example: "{TOKEN: x}", Read: configReader.secret, Hidden: true},
	{Key: "immutable", Doc: "forbids changes", Spec: apiSecret, Outcome: ledger.Inert, Reason: "it forbids changes in the cluster"},
}}

const apiSecret = "Kubernetes API: Secret v1 core"

type configReader struct {
	*Reader
	c *Config
}

// ReadConfig reads a ConfigMap; its entries are accounted for when workloads refer to them, or by LeftConfigs.
func (r *Reader) ReadConfig(o *Object) {
	c := &Config{Object: o}
	o.Read = true
	r.Configs[o.Name] = c
	ConfigTable.Apply(r, configReader{r, c}, o.Root)
}

// ReadSecret reads a Secret's keys.
func (r *Reader) ReadSecret(o *Object) {
	c := &Config{Object: o}
	o.Read = true
	r.Secrets[o.Name] = c
	SecretTable.Apply(r, configReader{r, c}, o.Root)
}

func (c configReader) data(n yamldoc.Node) {
	c.c.Data = n
	if !c.mapping(n) {
		return
	}
	for _, e := range n.Entries() {
		if has(c.c.Entries, e.Key) {
			c.Bad(e.Value, "is there twice", "remove one of them")
			continue
		}
		text, ok := c.Text(e.Value)
		if !ok {
			continue
		}
		c.c.Entries = append(c.c.Entries, e)
		if secret.Looks(e.Key, text) {
			c.Rec.Find(ledger.Warning, e.Value.KeyPos(), e.Value.Path+" holds what looks like a secret: everybody who may read the manifests can read it", "move it to a Secret and refer to it with secretKeyRef")
		} else {
			c.Rec.Show(e.Value.Setting())
		}
	}
}

func (c configReader) secret(n yamldoc.Node) {
	if !c.mapping(n) {
		return
	}
	for _, e := range n.Entries() {
		if !e.Value.IsScalar() {
			c.Wrong(e.Value, "write text")
			continue
		}
		if !has(c.c.Entries, e.Key) {
			c.c.Entries = append(c.c.Entries, e)
			continue
		}
		c.Rec.Inert(e.Value.Setting(), "the key is there in data as well: the parameter is the same")
	}
}

func has(es []yamldoc.Entry, key string) bool {
	return slices.ContainsFunc(es, func(e yamldoc.Entry) bool { return e.Key == key })
}

// find returns the entry of a key.
func (c *Config) find(key string) (yamldoc.Entry, bool) {
	if c != nil {
		for _, e := range c.Entries {
			if e.Key == key {
				return e, true
			}
		}
	}
	return yamldoc.Entry{}, false
}

// LeftConfigs accounts for entries of ConfigMaps and Secrets that no workload reads.
func (r *Reader) LeftConfigs() {
	for _, o := range r.Objects {
		for _, m := range []map[string]*Config{r.Configs, r.Secrets} {
			c := m[o.Name]
			if c == nil || c.Object != o {
				continue
			}
			for _, e := range c.Entries {
				if s := e.Value.Setting(); !r.Rec.Accounted(s) {
					r.Rec.Inert(s, "no workload reads it")
				}
			}
		}
	}
}

// Checksum returns the hash over the entries of a ConfigMap that rolls the pods when it changes: SHA-256 of the sorted lines KEY=VALUE.
func (c *Config) Checksum() string {
	lines := make([]string, len(c.Entries))
	for i, e := range c.Entries {
		lines[i] = e.Key + "=" + e.Value.Str() + "\n"
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(sum[:])
}

// checksum compares an annotation of a pod template with the ConfigMap whose hash it is.
func (w *Workload) checksum(n yamldoc.Node, config string) {
	have, ok := w.Name(n)
	if !ok {
		return
	}
	w.Rec.Inert(n.Setting(), "a new value rolls the pods; it is computed again from the ConfigMap")
	c := w.Configs[config]
	if c == nil || len(have) != sha256.Size*2 {
		return
	}
	if want := c.Checksum(); have != want {
		w.Rec.Find(ledger.Warning, n.Pos(), fmt.Sprintf("%s is not that of ConfigMap %s: running pods keep the old values", n.Path, config),
			"write "+want+", unless it is the checksum of another tool")
	}
}

// value classifies the text of a variable.
func value(name, text string) deploy.Value {
	if secret.Looks(name, text) {
		return deploy.Secret(text)
	}
	return deploy.Plain(text)
}
