"""What benches measure upon: large made companies."""
