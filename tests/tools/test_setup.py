"""What set-up makes of the standard library's source."""

from tools.setup.toolchain import first_paragraphs


def test_of_a_method_the_first_paragraph_stays_and_its_examples_go() -> None:
    source = """\
        /// Raises self to a power,
        /// wrapping around.
        ///
        /// # Examples
        #[doc = concat!("assert_eq!(3", stringify!($SelfT), ".pow(2), 9);")]
        #[inline]
        pub const fn pow(self) -> Self { // not documentation
        }
        #[doc = "Another."]
        fn other() {}
"""
    kept = source.split("\n")
    assert first_paragraphs(source) == "\n".join(kept[:2] + kept[5:])
