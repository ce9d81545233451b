/* Where projects see that this is libvmm 0.2. */
