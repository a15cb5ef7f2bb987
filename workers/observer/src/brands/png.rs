//! Logos are PNG and nothing else. An SVG is a document: it may hold scripts, styles, links and other documents, and what
//! is left after an allow-list is either too little for real logos or too much to be sure of. A PNG is a picture, and what
//! is kept of it is only the picture: texts, profiles, time stamps and whatever stands behind its end are taken out.

use sesh_types::contract::brands::MAX_LOGO_BYTES;

/// PNG (Third Edition), section 5.2.
const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
const LEAST_PIXELS: u32 = 16;
const MOST_PIXELS: u32 = 1_024;
/// The chunks that make the picture; of the others those that need not be understood (lower case first letter) go.
const KEPT: [&[u8; 4]; 5] = [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"];

/// A picture, with nothing else in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The PNG.
    pub bytes: Vec<u8>,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// Reads a PNG and writes it anew with the chunks that make the picture. Pixels are not decoded: that is the browser's.
///
/// # Errors
/// What is wrong with it, in words that follow "must".
pub fn read(bytes: &[u8]) -> Result<Picture, &'static str> {
    if bytes.len() > MAX_LOGO_BYTES {
        return Err("be at most 32 KiB");
    }
    let mut rest = bytes.strip_prefix(SIGNATURE).ok_or("be a PNG")?;
    let mut kept = SIGNATURE.to_vec();
    let (mut size, mut has_pixels) = (None, false);
    loop {
        let chunk = Chunk::first(rest).ok_or("be a whole PNG")?;
        rest = rest.get(chunk.whole.len()..).unwrap_or_default();
        match (chunk.name, size) {
            (b"IHDR", None) => size = Some(header(chunk.data)?),
            (b"IHDR", Some(_)) | (_, None) => return Err("begin with one header"),
            (b"IDAT", _) => has_pixels = true,
            (b"IEND", _) => {
                kept.extend_from_slice(chunk.whole);
                break;
            }
            (name, _) if name.first().is_some_and(u8::is_ascii_uppercase) && !KEPT.contains(&name) => {
                return Err("hold no chunks that a browser need not know");
            }
            _ => {}
        }
        if KEPT.contains(&chunk.name) {
            kept.extend_from_slice(chunk.whole);
        }
    }
    let (width, height) = size.filter(|_| has_pixels).ok_or("hold a picture")?;
    Ok(Picture { bytes: kept, width, height })
}

struct Chunk<'a> {
    name: &'a [u8; 4],
    data: &'a [u8],
    whole: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// Length, name, data, checksum (section 5.3).
    fn first(bytes: &'a [u8]) -> Option<Self> {
        let length = usize::try_from(u32::from_be_bytes(*bytes.first_chunk()?)).ok()?;
        let name = bytes.get(4..8)?.first_chunk()?;
        let end = length.checked_add(8)?;
        let data = bytes.get(8..end)?;
        let sum = u32::from_be_bytes(*bytes.get(end..)?.first_chunk()?);
        let whole = bytes.get(..end.checked_add(4)?)?;
        let sound = name.iter().all(u8::is_ascii_alphabetic) && crc32(bytes.get(4..end)?) == sum;
        sound.then_some(Self { name, data, whole })
    }
}

/// Width and height; depth, colour, compression, filter and interlace must be of those that exist (section 11.2.1).
fn header(data: &[u8]) -> Result<(u32, u32), &'static str> {
    let [w0, w1, w2, w3, h0, h1, h2, h3, depth, colour, 0, 0, interlace] = *data else {
        return Err("have a header as the standard says");
    };
    let known = matches!((colour, depth), (0, 1 | 2 | 4 | 8 | 16) | (2 | 4 | 6, 8 | 16) | (3, 1 | 2 | 4 | 8));
    if !known || interlace > 1 {
        return Err("have a header as the standard says");
    }
    let (width, height) = (u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]));
    let fits = LEAST_PIXELS..=MOST_PIXELS;
    if fits.contains(&width) && fits.contains(&height) {
        Ok((width, height))
    } else {
        Err("be 16 to 1,024 pixels wide and high")
    }
}

/// PNG (Third Edition), annex D.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 },
        )
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
        let named = [name.as_slice(), data].concat();
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [length.as_slice(), &named, &crc32(&named).to_be_bytes()].concat()
    }

    fn head(width: u32, height: u32) -> Vec<u8> {
        let data = [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
        chunk(*b"IHDR", &data)
    }

    /// A picture that says it is so large; its pixels are any bytes.
    pub(crate) fn png(width: u32, height: u32, more: &[Vec<u8>]) -> Vec<u8> {
        let parts = [SIGNATURE.to_vec(), head(width, height)];
        let end = [chunk(*b"IDAT", b"pixels"), chunk(*b"IEND", b"")];
        parts.iter().chain(more).chain(&end).flatten().copied().collect()
    }

    #[test]
    fn nothing_but_the_picture_is_kept() {
        let plain = png(64, 32, &[]);
        let text = chunk(*b"tEXt", b"Comment\0<script>alert(1)</script>");
        let extra =
            [png(64, 32, &[text, chunk(*b"eXIf", b"where it was taken")]), b"<svg onload=x>".to_vec()]
                .concat();
        let read_plain = read(&plain).unwrap();
        assert_eq!(
            (read_plain.bytes.as_slice(), read_plain.width, read_plain.height),
            (plain.as_slice(), 64, 32)
        );
        assert_eq!(read(&extra).unwrap().bytes, plain);
    }

    #[test]
    fn what_is_no_small_png_is_refused() {
        for bad in [b"".as_slice(), b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", SIGNATURE] {
            assert!(read(bad).is_err());
        }
        for (width, height) in [(15, 64), (64, 1_025), (0, 0), (u32::MAX, 64)] {
            assert!(read(&png(width, height, &[])).is_err(), "{width}x{height}");
        }
        let mut damaged = png(64, 64, &[]);
        damaged[20] ^= 1;
        assert_eq!(read(&damaged), Err("be a whole PNG"));
        assert!(read(&png(64, 64, &[chunk(*b"ABCD", b"")])).is_err(), "what must be understood is not");
        assert!(read(&png(64, 64, &[head(64, 64)])).is_err(), "two headers");
        assert!(
            read(&png(64, 64, &[chunk(*b"tEXt", &vec![b'a'; MAX_LOGO_BYTES])])).is_err(),
            "too large as it came"
        );
    }

    proptest! {
        #[test]
        fn what_is_read_is_read_again_as_the_same(noise in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..120) {
            let mut bytes = png(32, 32, &[chunk(*b"tEXt", &noise)]);
            let place = at % bytes.len();
            bytes[place] ^= noise.first().copied().unwrap_or_default();
            if let Ok(picture) = read(&bytes) {
                prop_assert!(picture.bytes.starts_with(SIGNATURE) && picture.bytes.ends_with(&chunk(*b"IEND", b"")));
                prop_assert_eq!(read(&picture.bytes), Ok(picture.clone()));
            }
            let _ = read(&noise);
        }
    }
}
