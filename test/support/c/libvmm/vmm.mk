# What libvmm's snippet gives a project's Makefile: its objects, its archive, and the directory of C headers that it waits for.
LIBVMM_LIBC_INCLUDE ?= libc_include
OBJECTS := libvmm/guest.o
$(LIBVMM_LIBC_INCLUDE):
	mkdir -p $@
libvmm/%.o: | $(LIBVMM_LIBC_INCLUDE)
	$(CC) $(CFLAGS) -c -o $@ $(LIBVMM)/src/$*.c
libvmm.a: $(OBJECTS)
	$(AR) crv $@ $^
