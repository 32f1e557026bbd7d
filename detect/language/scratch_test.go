package language

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"testing"
)

func TestScratch(t *testing.T) {
	root := os.Getenv("SCRATCH")
	if root == "" {
		t.Skip()
	}
	fsys := os.DirFS(root)
	var paths []string
	fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths = append(paths, p)
		}
		return nil
	})
	tr := newTree(fsys, paths)
	ps, fi := Find(fsys, tr.paths)
	for i := range ps {
		ps[i].Scan(fsys, tr.paths)
		b, _ := json.MarshalIndent(ps[i], "", " ")
		fmt.Println(string(b))
	}
	fmt.Println(fi)
	c := func(unit, dir, exec string, args ...string) {
		for _, c := range Match(Command{Exec: exec, Args: args, Dir: dir, Unit: unit, Paths: tr.paths}, ps) {
			fmt.Printf("%s: %s %d script=%s root=%s bin=%s %q\n", unit, ps[c.Program].Name, c.Score, c.Script, c.Root, c.Binary, c.Why)
		}
	}
	c("catalogue", "/opt/bookshop/catalogue", "/usr/bin/python3", "app.py")
	c("nightly", "/opt/bookshop", "/opt/bookshop/bin/nightly", "--reports", "x")
	c("orders", "/opt/bookshop", "/opt/bookshop/bin/orders", "--listen", "127.0.0.1:8002")
	c("storefront", "/opt/bookshop/storefront", "/usr/bin/node", "server.js")
	c("worker", "/opt/bookshop/worker", "/usr/bin/python3", "-u", "worker.py")
}
