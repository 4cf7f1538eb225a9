"""Questions from and to files of other programs: GIFT, Moodle XML and spreadsheets (ADR 33).

`formats` names the readers and writers, `importing` adds what was read to a package, `exporting` writes what a
package holds. A question on its way is a mapping in the words of the format (`item/1`), as far as it is known.
"""
