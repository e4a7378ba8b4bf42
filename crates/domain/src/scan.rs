//! Where values begin and end in compact JSON, without reading them: for text that is passed on as it stands.

/// A place in a text. Nothing here says that the text is JSON; whoever keeps it looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scan<'t> {
    /// At its beginning.
    pub fn new(text: &'t str) -> Scan<'t> {
        Scan { text, at: 0 }
    }

    /// Whether nothing is left.
    pub fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    /// Passes over this character, if it comes next. It is one byte.
    pub fn passes(&mut self, one: char) -> bool {
        let is = self.text.as_bytes().get(self.at).is_some_and(|byte| char::from(*byte) == one && one.is_ascii());
        self.at += usize::from(is);
        is
    }

    /// The next value as it stands there: a text with its quotes, a list or an object with its brackets, or a word.
    pub fn value(&mut self) -> Option<&'t str> {
        let bytes = self.text.as_bytes();
        let (from, mut depth) = (self.at, 0usize);
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.at = end_of_text(bytes, self.at)?;
                    if depth == 0 {
                        break;
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 1 => {
                    self.at += 1;
                    break;
                }
                b'}' | b']' | b',' | b':' if depth == 0 => break,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        (self.at > from).then(|| &self.text[from..self.at])
    }

    /// The next value, if it is a text in which nothing is escaped; without its quotes.
    pub fn plain_text(&mut self) -> Option<&'t str> {
        self.value()?.strip_prefix('"')?.strip_suffix('"').filter(|text| !text.contains('\\'))
    }
}

/// Behind the quote that ends the text that begins here.
fn end_of_text(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_they_end() {
        let text = r#"{"a":{"b":"}\"]","c":[1,"甲",{}]},"d":-1.5e3,"":null}"#;
        let mut scan = Scan::new(text);
        let mut found = Vec::new();
        assert!(scan.passes('{'));
        while !scan.passes('}') {
            assert!(found.is_empty() || scan.passes(','));
            found.push(scan.value().expect("a name"));
            assert!(scan.passes(':'));
            found.push(scan.value().expect("a value"));
        }
        assert!(scan.is_at_end());
        assert_eq!(found, ["\"a\"", r#"{"b":"}\"]","c":[1,"甲",{}]}"#, "\"d\"", "-1.5e3", "\"\"", "null"]);
        assert_eq!(Scan::new(text).value(), Some(text));
        for strange in ["", ",", "}", "\"", "\"\\", "\"\\\""] {
            assert_eq!(Scan::new(strange).value(), None, "{strange}");
        }
        for text in ["[", "{\"", "[[]", "\u{7532}\"", "]]"] {
            let mut scan = Scan::new(text);
            while scan.value().is_some() {}
        }
        assert_eq!(Scan::new(r#""a\nb""#).plain_text(), None);
        assert_eq!(Scan::new(r#""ab","#).plain_text(), Some("ab"));
    }
}
