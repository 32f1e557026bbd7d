package language

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path"
	"reflect"
	"strconv"
	"strings"
)

// goFile is one parsed file while it is scanned.
type goFile struct {
	*scan
	file   string
	fset   *gotoken.FileSet
	ast    *ast.File
	consts map[string]ast.Expr // package-level constants and variables
}

// golang scans the packages that the program's package main imports from its
// own module, and from those that go.work or a replacement finds in the tree.
func (s *scan) golang() {
	m := readModule(s.tree, s.dir)
	for d, ok := s.dir, true; ok; d, ok = parent(d) {
		if s.has(path.Join(d, "go.work")) {
			s.members(d, m)
			break
		}
	}
	local := map[string]string{m.path: m.dir}
	for p, d := range m.local {
		local[p] = d
	}
	var files []*goFile
	queue := []string{path.Join(s.dir, s.main)}
	seen := map[string]bool{queue[0]: true}
	total := 0
	for len(queue) > 0 && len(files) < maxSources && total < maxScanned {
		dir := queue[0]
		queue = queue[1:]
		consts := map[string]ast.Expr{}
		for _, name := range s.files(dir) {
			if _, base := split(name); !isGoSource(base) || len(files) == maxSources {
				continue
			}
			data, err := s.read(name)
			if err != nil {
				continue
			}
			total += len(data)
			fset := gotoken.NewFileSet()
			f, _ := parser.ParseFile(fset, name, data, parser.ParseComments|parser.SkipObjectResolution)
			if f == nil || f.Name == nil || !buildable(f) {
				continue // with a syntax error in the middle, the rest of the file still counts
			}
			files = append(files, &goFile{s, name, fset, f, consts})
			s.traps(data, name)
			s.goBoundAt(data, name)
			ast.Inspect(f, func(n ast.Node) bool {
				if e, ok := n.(*ast.BasicLit); ok {
					if value, ok := stringLit(e); ok {
						s.local(data, name, value, fset.Position(e.Pos()).Line)
					}
				}
				return true
			})
			declared(f, consts)
			for _, spec := range f.Imports {
				imp, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					continue
				}
				if d, ok := localDir(local, imp); ok && !seen[d] {
					seen[d] = true
					queue = append(queue, d)
				}
			}
		}
	}
	helpers := map[string]int{}
	for _, f := range files {
		f.helpers(helpers)
	}
	for _, f := range files {
		f.facts(helpers)
	}
}

// members adds the modules of the go.work in dir, if m is one of them.
func (s *scan) members(dir string, m *goModule) {
	modules := map[string]*goModule{m.dir: m}
	for _, p := range s.under(dir) {
		if d, base := split(p); base == "go.mod" && d != m.dir && !skippedGo(d) {
			modules[d] = readModule(s.tree, d)
		}
	}
	readWork(s.tree, dir, modules)
}

// localDir returns the directory of a package that is part of the tree.
func localDir(local map[string]string, imp string) (string, bool) {
	best, dir := "", ""
	for mod, d := range local {
		if mod != "" && (imp == mod || strings.HasPrefix(imp, mod+"/")) && len(mod) > len(best) {
			best, dir = mod, path.Join(d, strings.TrimPrefix(imp, mod))
		}
	}
	return dir, best != "" && dir != ".." && !strings.HasPrefix(dir, "../")
}

// declared notes the values of package-level names.
func declared(f *ast.File, consts map[string]ast.Expr) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range g.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok && len(v.Values) == len(v.Names) {
				for i, n := range v.Names {
					consts[n.Name] = v.Values[i]
				}
			}
		}
	}
}

func (f *goFile) line(n ast.Node) int { return f.fset.Position(n.Pos()).Line }

// helpers finds the functions that read the environment variable whose name
// is one of their parameters, and which one. They are known by package and name.
func (f *goFile) helpers(out map[string]int) {
	for _, d := range f.ast.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil || fn.Recv != nil {
			continue
		}
		params := map[string]int{}
		n := 0
		for _, field := range fn.Type.Params.List {
			for _, name := range field.Names {
				params[name.Name] = n
				n++
			}
		}
		if n == 0 {
			continue
		}
		ast.Inspect(fn.Body, func(node ast.Node) bool {
			if c, ok := node.(*ast.CallExpr); ok && readsEnv(c) && len(c.Args) == 1 {
				if id, ok := c.Args[0].(*ast.Ident); ok {
					if i, ok := params[id.Name]; ok {
						out[f.ast.Name.Name+"."+fn.Name.Name] = i
					}
				}
			}
			return true
		})
	}
}

func readsEnv(c *ast.CallExpr) bool {
	switch callee(c) {
	case "os.Getenv", "os.LookupEnv", "syscall.Getenv", "unix.Getenv":
		return true
	}
	return false
}

// callee writes the function of a call as x.F, or F.
func callee(c *ast.CallExpr) string {
	switch fn := c.Fun.(type) {
	case *ast.Ident:
		return fn.Name
	case *ast.SelectorExpr:
		if id, ok := fn.X.(*ast.Ident); ok {
			return id.Name + "." + fn.Sel.Name
		}
		return "." + fn.Sel.Name
	}
	return ""
}

// facts gathers what is in one file of Go.
func (f *goFile) facts(helpers map[string]int) {
	for _, spec := range f.ast.Imports {
		switch imp, _ := strconv.Unquote(spec.Path.Value); imp {
		case "C":
			if f.cgo.Why == "" {
				f.cgo = Fact{"cgo", f.file, f.line(spec), `import "C"`}
			}
		case "os/exec", "github.com/creack/pty", "github.com/go-cmd/cmd", "golang.org/x/sys/execabs", "github.com/hashicorp/go-plugin":
			f.spawns = append(f.spawns, Fact{imp, f.file, f.line(spec), "import of " + imp})
		}
	}
	for _, d := range f.ast.Decls {
		// Names of the function come before those of the package.
		locals := map[string]ast.Expr{}
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if len(n.Lhs) != len(n.Rhs) {
					break
				}
				for i, l := range n.Lhs {
					if id, ok := l.(*ast.Ident); ok {
						if _, known := locals[id.Name]; !known || isLiteral(n.Rhs[i]) {
							locals[id.Name] = n.Rhs[i]
						}
					}
				}
			case *ast.ValueSpec:
				if len(n.Names) == len(n.Values) {
					for i, id := range n.Names {
						locals[id.Name] = n.Values[i]
					}
				}
			}
			return true
		})
		g := goDecl{f, locals, helpers}
		ast.Inspect(d, g.visit)
	}
}

func isLiteral(e ast.Expr) bool {
	_, ok := e.(*ast.BasicLit)
	return ok
}

// goDecl is one declaration of a file.
type goDecl struct {
	*goFile
	locals map[string]ast.Expr
	reads  map[string]int
}

func (g goDecl) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		g.call(n)
	case *ast.CompositeLit:
		g.server(n)
	case *ast.Field:
		g.tag(n)
	case *ast.BinaryExpr:
		if n.Op == gotoken.EQL {
			g.compared(n.X)
			g.compared(n.Y)
		}
	case *ast.CaseClause:
		for _, e := range n.List {
			g.compared(e)
		}
	}
	return true
}

func (g goDecl) compared(e ast.Expr) {
	if s, ok := stringLit(e); ok {
		if p, ok := healthPath(s); ok {
			g.addHealth(p, g.file, g.line(e), 1, "compared with "+strconv.Quote(s))
		}
	}
}

// server notes the address of an http.Server{Addr: ":8080"}.
func (g goDecl) server(c *ast.CompositeLit) {
	sel, ok := c.Type.(*ast.SelectorExpr)
	if !ok || !strings.HasSuffix(sel.Sel.Name, "Server") {
		return
	}
	for _, e := range c.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if k, ok := kv.Key.(*ast.Ident); ok && (k.Name == "Addr" || k.Name == "Address") {
			g.bind(kv.Value, sel.Sel.Name+"{"+k.Name+": …}")
		}
	}
}

// tag notes the variables that configuration libraries read by struct tags.
func (g goDecl) tag(field *ast.Field) {
	if field.Tag == nil {
		return
	}
	s, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return
	}
	tag := reflect.StructTag(s)
	for _, key := range []string{"env", "envconfig"} {
		name, _, _ := strings.Cut(tag.Get(key), ",")
		if name == "" || name == "-" {
			continue
		}
		g.addEnv(name, g.file, g.line(field.Tag), "struct tag "+key)
		for _, d := range []string{"envDefault", "default", "env-default"} {
			if p, ok := portOf(tag.Get(d)); ok && bindName(name) {
				g.addPort(p, g.file, g.line(field.Tag), "default of environment variable "+name)
			}
		}
	}
}
