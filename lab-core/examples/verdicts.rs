fn main() {
    for c in lab_core::claims().unwrap() {
        let t = std::time::Instant::now();
        match lab_core::check(&c.id) {
            Ok(f) => println!(
                "ok   {:4.1}s {} [{}] {} | {} || {}",
                t.elapsed().as_secs_f64(),
                c.id,
                f.verdict,
                f.value,
                f.ours,
                f.rule
            ),
            Err(e) => println!("FAIL {:4.1}s {}", t.elapsed().as_secs_f64(), e),
        }
    }
}
