package unified

// script returns the changes from a to b in order, none touching another.
//
// It is Myers' algorithm in linear space ("An O(ND) Difference Algorithm and
// Its Variations", 1986, section 4b) with two bounds that keep it fast on texts
// that have little in common: lines that only one side has are set aside first,
// and a search that has become expensive takes the best split so far instead of
// the optimal one (as xdl_split in git's libxdiff does). The result is always a
// correct difference, and a shortest one as long as the bound is not reached.
func script(a, b [][]byte) []edit {
	s := newSearch(a, b)
	s.split()
	return s.edits()
}

// newSearch gives equal lines equal numbers.
func newSearch(a, b [][]byte) *search {
	ids := make(map[string]int32, len(a))
	number := func(text [][]byte) []int32 {
		out := make([]int32, len(text))
		for i, l := range text {
			id, ok := ids[string(l)]
			if !ok {
				id = int32(len(ids))
				ids[string(l)] = id
			}
			out[i] = id
		}
		return out
	}
	return &search{a: number(a), b: number(b), goneA: make([]bool, len(a)), newB: make([]bool, len(b))}
}

type search struct {
	a, b         []int32
	goneA, newB  []bool // the result: lines of a that go, lines of b that come
	atA, atB     []int  // where the lines that both sides have stand in a and b
	sa, sb       []int32
	forth, back  []int // furthest x on each diagonal, from the start and from the end
	offset, cost int
	steps        int // diagonals looked at; what the tests bound
}

// split sets aside the lines that one side alone has and compares the others.
func (s *search) split() {
	lo, ea, eb := 0, len(s.a), len(s.b)
	for lo < ea && lo < eb && s.a[lo] == s.b[lo] {
		lo++
	}
	for lo < ea && lo < eb && s.a[ea-1] == s.b[eb-1] {
		ea, eb = ea-1, eb-1
	}
	inA, inB := map[int32]bool{}, map[int32]bool{}
	for _, id := range s.a[lo:ea] {
		inA[id] = true
	}
	for _, id := range s.b[lo:eb] {
		inB[id] = true
	}
	for i := lo; i < ea; i++ {
		if s.goneA[i] = !inB[s.a[i]]; !s.goneA[i] {
			s.sa, s.atA = append(s.sa, s.a[i]), append(s.atA, i)
		}
	}
	for i := lo; i < eb; i++ {
		if s.newB[i] = !inA[s.b[i]]; !s.newB[i] {
			s.sb, s.atB = append(s.sb, s.b[i]), append(s.atB, i)
		}
	}
	// Diagonals run from -len(sb)-1 to len(sa)+1.
	s.offset = len(s.sb) + 1
	s.forth = make([]int, len(s.sa)+len(s.sb)+3)
	s.back = make([]int, len(s.sa)+len(s.sb)+3)
	s.cost = 256
	for s.cost*s.cost < len(s.sa)+len(s.sb) {
		s.cost *= 2
	}
	s.compare(0, len(s.sa), 0, len(s.sb))
}

// compare marks the changes between sa[a0:a1] and sb[b0:b1].
func (s *search) compare(a0, a1, b0, b1 int) {
	for {
		for a0 < a1 && b0 < b1 && s.sa[a0] == s.sb[b0] {
			a0, b0 = a0+1, b0+1
		}
		for a0 < a1 && b0 < b1 && s.sa[a1-1] == s.sb[b1-1] {
			a1, b1 = a1-1, b1-1
		}
		if a0 == a1 || b0 == b1 {
			break
		}
		x, y := s.middle(a0, a1, b0, b1)
		// The smaller part is the recursion, so the stack stays logarithmic.
		if x-a0+y-b0 < a1-x+b1-y {
			s.compare(a0, x, b0, y)
			a0, b0 = x, y
		} else {
			s.compare(x, a1, y, b1)
			a1, b1 = x, y
		}
	}
	for i := a0; i < a1; i++ {
		s.goneA[s.atA[i]] = true
	}
	for i := b0; i < b1; i++ {
		s.newB[s.atB[i]] = true
	}
}

// middle returns a point on a path through the box, other than its two corners.
// Both sides are non-empty and differ at both ends.
func (s *search) middle(a0, a1, b0, b1 int) (x, y int) {
	const far = int(^uint(0) >> 1)
	fmid, bmid := a0-b0, a1-b1
	odd := (fmid-bmid)&1 != 0
	kmin, kmax := a0-b1, a1-b0
	fmin, fmax, bmin, bmax := fmid, fmid, bmid, bmid
	F := func(k int) *int { return &s.forth[k+s.offset] }
	B := func(k int) *int { return &s.back[k+s.offset] }
	*F(fmid), *B(bmid) = a0, a1

	for d := 1; ; d++ {
		s.steps += fmax - fmin + bmax - bmin + 2
		// One step from the start. Sentinels stand beside the range.
		if fmin > kmin {
			fmin--
			*F(fmin - 1) = -1
		} else {
			fmin++
		}
		if fmax < kmax {
			fmax++
			*F(fmax + 1) = -1
		} else {
			fmax--
		}
		for k := fmax; k >= fmin; k -= 2 {
			x := max(*F(k - 1)+1, *F(k + 1))
			y := x - k
			for x < a1 && y < b1 && s.sa[x] == s.sb[y] {
				x, y = x+1, y+1
			}
			*F(k) = x
			if odd && bmin <= k && k <= bmax && *B(k) <= x {
				return x, y
			}
		}
		// One step from the end.
		if bmin > kmin {
			bmin--
			*B(bmin - 1) = far
		} else {
			bmin++
		}
		if bmax < kmax {
			bmax++
			*B(bmax + 1) = far
		} else {
			bmax--
		}
		for k := bmax; k >= bmin; k -= 2 {
			x := min(*B(k - 1), *B(k + 1)-1)
			y := x - k
			for x > a0 && y > b0 && s.sa[x-1] == s.sb[y-1] {
				x, y = x-1, y-1
			}
			*B(k) = x
			if !odd && fmin <= k && k <= fmax && x <= *F(k) {
				return x, y
			}
		}
		if d < s.cost {
			continue
		}
		// Too expensive: take the point that got furthest from either corner.
		fbest, fx, fy := -1, 0, 0
		for k := fmax; k >= fmin; k -= 2 {
			x := min(*F(k), a1)
			y := x - k
			if y > b1 {
				x, y = b1+k, b1
			}
			if fbest < x-a0+y-b0 {
				fbest, fx, fy = x-a0+y-b0, x, y
			}
		}
		bbest, bx, by := -1, 0, 0
		for k := bmax; k >= bmin; k -= 2 {
			x := max(*B(k), a0)
			y := x - k
			if y < b0 {
				x, y = b0+k, b0
			}
			if bbest < a1-x+b1-y {
				bbest, bx, by = a1-x+b1-y, x, y
			}
		}
		if fbest >= bbest {
			return fx, fy
		}
		return bx, by
	}
}

// edits joins the marked lines to changes.
func (s *search) edits() []edit {
	var out []edit
	for i, j := 0, 0; i < len(s.a) || j < len(s.b); {
		e := edit{i, i, j, j}
		for i < len(s.a) && s.goneA[i] {
			i++
		}
		for j < len(s.b) && s.newB[j] {
			j++
		}
		if e.a1, e.b1 = i, j; e.a0 != e.a1 || e.b0 != e.b1 {
			out = append(out, e)
			continue
		}
		i, j = i+1, j+1
	}
	return out
}
