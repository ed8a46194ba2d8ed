//! Recognises, by its first bytes, a file of another format that is passed off as CSV or Parquet.

/// An unsupported file format, and how to convert it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Name, with an article.
    pub name: &'static str,
    /// How to convert the file.
    pub fix: &'static str,
}

const DECOMPRESS: &str = "decompress it first";
const AS_CSV: &str = "save its sheet as CSV";
const EXPORT: &str = "export the table as CSV or Parquet";
const WRITE: &str = "write the table as CSV or Parquet";

/// First bytes of such files, name of the format, and how to convert it.
const FORMS: &[(&[u8], &str, &str)] = &[
    (b"\x1f\x8b", "compressed by gzip", DECOMPRESS),
    (b"BZh", "compressed by bzip2", DECOMPRESS),
    (b"\xfd7zXZ\0", "compressed by xz", DECOMPRESS),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", DECOMPRESS),
    (
        b"PK\x03\x04",
        "a zip archive, as Excel workbooks are",
        "save the sheet as CSV, or unpack the archive",
    ),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an Excel workbook",
        AS_CSV,
    ),
    (b"ARROW1", "an Arrow file", WRITE),
    (b"FEA1", "a Feather file", WRITE),
    (b"ORC", "an ORC file", WRITE),
    (b"Obj\x01", "an Avro file", WRITE),
    (b"\x93NUMPY", "a NumPy array", WRITE),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", WRITE),
    (b"\x80\x04\x95", "a Python pickle", WRITE),
    (b"SQLite format 3\0", "an SQLite database", EXPORT),
    (b"%PDF", "a PDF", EXPORT),
];

/// Magic bytes at both ends of a Parquet file.
pub const PARQUET: &[u8] = b"PAR1";

/// Returns the format of a file that is neither Parquet nor CSV; `None` if it may be either.
pub fn foreign(bytes: &[u8]) -> Option<Form> {
    if let Some(&(_, name, fix)) = FORMS.iter().find(|(first, ..)| bytes.starts_with(first)) {
        return Some(Form { name, fix });
    }
    if bytes.get(8..12) == Some(b"DUCK") {
        return Some(Form {
            name: "a DuckDB database",
            fix: EXPORT,
        });
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match text.trim_ascii_start().first()? {
        b'{' | b'[' => Some(Form {
            name: "JSON",
            fix: WRITE,
        }),
        b'<' => Some(Form {
            name: "HTML or XML",
            fix: WRITE,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_by_their_first_bytes() {
        let name = |bytes: &[u8]| foreign(bytes).map(|form| form.name);
        assert_eq!(name(b"\x1f\x8b\x08\0"), Some("compressed by gzip"));
        assert_eq!(
            name(b"PK\x03\x04\x14\0"),
            Some("a zip archive, as Excel workbooks are")
        );
        assert_eq!(name(b"\0\0\0\0\0\0\0\0DUCK@\0"), Some("a DuckDB database"));
        assert_eq!(name(b"\xef\xbb\xbf [{\"beta\": 0.1}]"), Some("JSON"));
        assert_eq!(name(b"\n<table><tr>"), Some("HTML or XML"));
        for csv in [
            &b""[..],
            b"  ",
            b"beta,rho\n0.1,0.2\n",
            b"\xff\xfeb\0",
            b"ORB,1",
        ] {
            assert_eq!(name(csv), None);
        }
    }
}
