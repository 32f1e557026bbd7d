package forms

import (
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// UserOf reads USER[:GROUP]. A number is an id; a name is a name, of which only root's id is known. fields names the leaves that it set, below the user's path.
func UserOf(text string) (u deploy.User, fields []string, ok bool) {
	user, group, both := strings.Cut(text, ":")
	if user == "" || both && group == "" || strings.ContainsAny(text, " \t\n$") {
		return u, nil, false
	}
	if n, err := strconv.ParseUint(user, 10, 32); err == nil {
		u.ID, fields = deploy.Some(int64(n)), append(fields, "id")
	} else {
		u.Name, fields = deploy.Some(user), append(fields, "name")
		if user == "root" {
			u.ID, fields = deploy.Some(int64(0)), append(fields, "id")
		}
	}
	if n, err := strconv.ParseUint(group, 10, 32); err == nil {
		u.GroupID, fields = deploy.Some(int64(n)), append(fields, "groupID")
	} else if both {
		u.Group, fields = deploy.Some(group), append(fields, "group")
		if group == "root" {
			u.GroupID, fields = deploy.Some(int64(0)), append(fields, "groupID")
		}
	}
	return u, fields, true
}
